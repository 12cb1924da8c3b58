package merge

import "testing"

func TestALiteralTextIsItself(t *testing.T) {
	for _, text := range []string{
		"", "Bonjour", "((nom))", `\((nom))`, "(((a)", "((((", `\\((`, "a )) (b", "((x??y)) ((z|", "((",
	} {
		parsed, err := Parse(Literal(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := parsed.Fill(nil).Text; got != text || len(parsed.Fields()) != 0 {
			t.Errorf("%q became %q", text, got)
		}
	}
}
