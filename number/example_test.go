package number_test

import (
	"errors"
	"fmt"

	"relais/number"
	"relais/reason"
)

func ExampleParse() {
	for _, raw := range []string{
		"06 39 98 01 23", "0692 12 34 56", "+33 692 12 34 56", "+44 (0)7700 900123",
	} {
		p, err := number.Parse(raw, "FR")
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(string(p.Number), p.Kind, p.Family, len(p.Warnings))
	}
	// Output:
	// +33639980123 fiction fr-metro 0
	// +262692123456 mobile fr-overseas 0
	// +262692123456 mobile fr-overseas 1
	// +447700900123 fiction gb 0
}

func ExampleError() {
	_, err := number.Parse("01 23 45 67 89", "FR")
	if refused, ok := errors.AsType[*number.Error](err); ok {
		fmt.Println(refused.Reason.Code.Wire())
		fmt.Println(refused.Reason.In(reason.English))
	}
	// Output:
	// number_fixed_line
	// It is a fixed line, which receives no message. In metropolitan France a mobile number starts with 06 or 07.
}
