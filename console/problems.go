package console

// problems are what is wrong with a form: a summary above it, and words at each field.
type problems struct {
	Problems []fieldProblem
}

// refuse says what is wrong with a field.
func (p *problems) refuse(field, why string) {
	p.Problems = append(p.Problems, fieldProblem{field, why})
}

// Wrong is what is wrong with a field, empty when nothing is.
func (p *problems) Wrong(field string) string {
	for _, w := range p.Problems {
		if w.Field == field {
			return w.Why
		}
	}
	return ""
}
