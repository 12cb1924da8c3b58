package tariff_test

import (
	"fmt"

	"relais/number"
	"relais/tariff"
)

func ExampleTable_Segment() {
	table, err := tariff.Parse([]byte(`
name = "contract"
version = 1
since = 2026-01-01
source = "contract 4711, annex 2"
currency = "EUR"
[segment]
fr-metro = "0.047"
re = "0.09"
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"06 39 98 00 01", "0692 12 34 56", "+49 1511 2345678"} {
		n, err := number.Parse(to, "FR")
		if err != nil {
			fmt.Println(err)
			return
		}
		price, destination, known := table.Segment(n)
		if !known {
			fmt.Printf("%s: not in %s\n", destination, table.Label())
			continue
		}
		fmt.Printf("%s: %s %s\n", destination, price, table.Currency)
	}
	// Output:
	// fr-metro: 0.047 EUR
	// re: 0.09 EUR
	// de: not in contract (version 1)
}
