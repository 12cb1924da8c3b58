package plaintext

import "relais/reason"

// The sentences about a body of another kind than is wanted.
const (
	otherKind  reason.Code = "words/body_other"
	inBase64   reason.Code = "words/body_base64"
	inUTF16    reason.Code = "words/body_utf16"
	nameOfFile reason.Code = "words/body_file_name"

	sendObject reason.Code = "words/body_send_object"
	sendFile   reason.Code = "words/body_send_file"
	sendForm   reason.Code = "words/body_send_form"
	sendPlain  reason.Code = "words/body_send_plain"
	sendLines  reason.Code = "words/body_send_lines"

	kindParts      reason.Code = "words/body_is_multipart"
	kindForm       reason.Code = "words/body_is_form"
	kindXML        reason.Code = "words/body_is_xml"
	kindCompressed reason.Code = "words/body_is_compressed"
	kindJSON       reason.Code = "words/body_is_json"
)

// names are the kinds that are wanted.
var names = map[Kind]reason.Code{JSON: nameJSON, CSV: nameCSV, Form: nameForm}

const (
	nameCSV  reason.Code = "words/body_csv"
	nameForm reason.Code = "words/body_form"
	nameJSON reason.Code = "words/body_json"
)

// The sentences about a body that was to be a JSON object.
const (
	bodyEmpty     reason.Code = "body_empty"
	notUTF8       reason.Code = "body_not_utf8/body"
	byteOrderMark reason.Code = "body_not_json/byte_order_mark"
	objectEarly   reason.Code = "body_not_json/early"
	moreBehind    reason.Code = "body_not_json/more"
	notAnObject   reason.Code = "body_not_an_object/given"
	encodedTwice  reason.Code = "words/json_encoded_twice"

	givenObject   reason.Code = "words/json_object"
	givenArray    reason.Code = "words/json_array"
	givenString   reason.Code = "words/json_string"
	givenBoolean  reason.Code = "words/json_boolean"
	givenNull     reason.Code = "words/json_null"
	givenFraction reason.Code = "words/json_fraction"
	givenNumber   reason.Code = "words/json_number"

	plainText          reason.Code = "words/json_plain_text"
	syntaxEarly        reason.Code = "words/json_early"
	syntaxNoWord       reason.Code = "words/json_no_word"
	syntaxWord         reason.Code = "words/json_word"
	syntaxEscape       reason.Code = "words/json_escape"
	syntaxSingleQuotes reason.Code = "words/json_single_quotes"
	syntaxLastComma    reason.Code = "words/json_last_comma"
	syntaxControl      reason.Code = "words/json_control"
	syntaxComment      reason.Code = "words/json_comment"
	syntaxName         reason.Code = "words/json_name"
	syntaxTypographic  reason.Code = "words/json_typographic_quotes"
	syntaxSpace        reason.Code = "words/json_space"
	syntaxPlus         reason.Code = "words/json_plus"
	syntaxZero         reason.Code = "words/json_zero"
	syntaxTemplate     reason.Code = "words/json_template"
	syntaxColon        reason.Code = "words/json_colon"
	syntaxComma        reason.Code = "words/json_comma"
	syntaxOther        reason.Code = "words/json_other"
)

// The sentences about a file that cannot be read.
const (
	fileUTF32      reason.Code = "words/file_utf32"
	fileUTF16      reason.Code = "words/file_utf16"
	fileNotUTF8    reason.Code = "words/file_not_utf8"
	fileOddUTF16   reason.Code = "words/file_odd_utf16"
	fileSurrogates reason.Code = "words/file_surrogate"
)

// The sentences about a secret that cannot be one.
const (
	secretInvisible reason.Code = "words/secret_invisible"
	secretLines     reason.Code = "words/secret_lines"
	secretQuotes    reason.Code = "words/secret_quotes"
)
