package sheet

import "relais/reason"

// Codes of files that are not read. What stands behind the slash is for people.
const (
	CodeUnreadable reason.Code = "file_unreadable"
	CodeTooLarge   reason.Code = "file_too_large"
	CodeNoRows     reason.Code = "no_rows"
)

const (
	codeBytes       reason.Code = "file_too_large/bytes"
	codeRows        reason.Code = "file_too_large/rows"
	codeNotATable   reason.Code = "file_unreadable/not_a_table"
	codeProtected   reason.Code = "file_unreadable/protected"
	codeXLS         reason.Code = "file_unreadable/xls"
	codeWord        reason.Code = "file_unreadable/word"
	codeOLE         reason.Code = "file_unreadable/ole"
	codeUTF32       reason.Code = "file_unreadable/encoding"
	codeZip         reason.Code = "file_unreadable/zip"
	phraseDocument  reason.Code = "words/file_document"
	phraseSlides    reason.Code = "words/file_slides"
	phraseKind      reason.Code = "words/file_"
	codeZipOfTables reason.Code = "file_unreadable/zip_of_tables"
	codeDamaged     reason.Code = "file_unreadable/damaged"
	codeBomb        reason.Code = "file_unreadable/bomb"
	codeEntities    reason.Code = "file_unreadable/entities"
	codePath        reason.Code = "file_unreadable/path"
	codeXLSB        reason.Code = "file_unreadable/xlsb"
	codeStrings     reason.Code = "file_too_large/strings"
	codeNoSheet     reason.Code = "file_unreadable/sheet"
)
