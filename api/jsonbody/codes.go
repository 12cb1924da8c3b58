package jsonbody

import "relais/reason"

// Codes of bodies that cannot be read. Codes alone stand before a sentence.
const (
	codeBad           reason.Code = "body_not_json"
	codeLoneSurrogate reason.Code = "lone_surrogate"
	codeWrongType     reason.Code = "wrong_type"

	// CodeEmpty refuses a request without a body, CodeDuplicate a key that comes twice.
	CodeEmpty     reason.Code = "body_empty"
	CodeDuplicate reason.Code = "duplicate_field"
)

// Sentences of a code that has several.
const (
	sayNotJSON    reason.Code = "body_not_json/not"
	sayMark       reason.Code = "body_not_json/byte_order_mark"
	sayMore       reason.Code = "body_not_json/more"
	sayEarly      reason.Code = "body_not_json/early"
	sayObject     reason.Code = "body_not_an_object/given"
	sayNotUTF8    reason.Code = "body_not_utf8/body"
	sayWrongField reason.Code = "wrong_type/somewhere"
	sayMetadata   reason.Code = "wrong_type/metadata"
	sayFieldNear  reason.Code = "unknown_field/near"
	sayFields     reason.Code = "unknown_field/list"
)

// What is wanted instead of a value of another type.
const (
	wordString  reason.Code = "words/wanted_string"
	wordBoolean reason.Code = "words/wanted_boolean"
	wordInteger reason.Code = "words/wanted_integer"
	wordNumber  reason.Code = "words/wanted_number"
	wordList    reason.Code = "words/wanted_list"
	wordObject  reason.Code = "words/wanted_object"
)
