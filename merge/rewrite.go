package merge

import "regexp"

// others are the fields of other programs: {{nom}}, {nom} and #nom#.
var others = regexp.MustCompile(`\{\{([^{}\n]{1,100})\}\}|\{([^{}\n]{1,100})\}|#([^#\n]{1,100})#`)

// Rewrite puts fields that are written as other programs write them into ours, where the
// name is a known one. Everything else stays as it is: braces and hashes are letters too.
func Rewrite(text string, known []string) string {
	folded := make(map[string]bool, len(known))
	for _, name := range known {
		folded[Fold(name)] = true
	}
	return others.ReplaceAllStringFunc(text, func(found string) string {
		for _, name := range others.FindStringSubmatch(found)[1:] {
			if f := Fold(name); f != "" && folded[f] {
				return opening + name + closing
			}
		}
		return found
	})
}
