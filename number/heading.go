package number

import "strings"

// Heading reports whether a column of a table that has this name holds numbers of
// people: the names that forms and spreadsheets give it, in English and French.
func Heading(name string) bool {
	switch strings.ToLower(strings.Trim(name, " \t\"")) {
	case "number", "msisdn", "phone", "mobile", "to",
		"numero", "numéro", "telephone", "téléphone", "tel", "tél", "portable":
		return true
	}
	return false
}
