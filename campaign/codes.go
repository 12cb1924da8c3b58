package campaign

import "relais/reason"

// Codes of what is said of a table, of its rows and of its columns.
const (
	codeNoHeader        reason.Code = "no_header"
	codeHeaderBelow     reason.Code = "header_below"
	codeHeaderDoubt     reason.Code = "header_doubtful"
	codeHeaderRow       reason.Code = "header_row_not_there"
	codeColumns         reason.Code = "file_too_large/columns"
	codeTwoPhones       reason.Code = "two_phone_columns"
	codeNamed           reason.Code = "no_phone_column/named"
	codeTwice           reason.Code = "no_phone_column/twice"
	CodeNoPhone         reason.Code = "no_phone_column"
	phraseColumn        reason.Code = "words/column"
	codeNear            reason.Code = "field_without_column/near"
	CodeNoColumn        reason.Code = "field_without_column"
	CodeInTwo           reason.Code = "field_in_two_columns"
	codeTooWide         reason.Code = "more_cells_than_columns"
	codeCellEmpty       reason.Code = "number_cell_empty"
	codeLost            reason.Code = "character_lost"
	codeMissing         reason.Code = "value_missing"
	codeTextEmpty       reason.Code = "text_empty"
	codeTextLong        reason.Code = "text_too_long"
	CodeDuplicate       reason.Code = "duplicate"
	codeDuplicateNumber reason.Code = "duplicate/number"
	codeSeveral         reason.Code = "several_messages"
	codeSequence        reason.Code = "numbers_in_sequence"
	codeTest            reason.Code = "looks_like_a_test"
	codeUnclear         reason.Code = "condition_unclear"
)
