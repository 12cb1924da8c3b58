package typography_test

import (
	"fmt"

	"relais/typography"
)

func ExampleReplace() {
	text, changes, _ := typography.Replace("Fête de l’œuvre : 5 €")
	fmt.Println(text)
	for _, c := range changes {
		fmt.Printf("%c by %q\n", c.From, c.To)
	}
	// Output:
	// Fete de l'oeuvre : 5 €
	// ê by "e"
	// ’ by "'"
	// œ by "oe"
}
