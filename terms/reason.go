package terms

import "fmt"

// Reason is a decision, a warning or a refusal, in both languages.
type Reason struct {
	Code    string
	English string
	French  string
}

// say fills the same values into both languages.
func say(english, french string, values ...any) Reason {
	return Reason{English: fmt.Sprintf(english, values...), French: fmt.Sprintf(french, values...)}
}

// with puts another sentence behind.
func (r Reason) with(more Reason) Reason {
	return Reason{r.Code, r.English + " " + more.English, r.French + " " + more.French}
}
