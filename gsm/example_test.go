package gsm_test

import (
	"fmt"

	"relais/gsm"
)

func ExampleCount() {
	fmt.Printf("%+v\n", gsm.Count("Rendez-vous à 10 h. Reste à payer : 12 €"))
	fmt.Printf("%+v\n", gsm.Count("Fête de la forêt"))
	// Output:
	// {Alphabet:gsm7 Units:41 Segments:1 PerSegment:160}
	// {Alphabet:ucs2 Units:16 Segments:1 PerSegment:70}
}

func ExampleCostly() {
	for _, c := range gsm.Costly("Fête de la forêt") {
		fmt.Printf("%c at %d\n", c.Rune, c.Position)
	}
	// Output:
	// ê at 1
	// ê at 14
}

func ExampleSplit() {
	for _, part := range gsm.Split(fmt.Sprintf("%0152d€ and more", 0)) {
		fmt.Println(gsm.Count(part).Units, part[len(part)-4:])
	}
	// Output:
	// 152 0000
	// 11 more
}
