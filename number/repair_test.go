package number_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/number"
	"relais/reason"
)

// A number that cannot exist as it was written, where its plan says what was meant.
func TestNumbersAreRepaired(t *testing.T) {
	for _, tc := range []struct{ name, raw, region, want string }{
		{"Saint-Pierre, national form behind the code", "+508 0508 55 12 34", "FR", "+508551234"},
		{"Saint-Pierre, code twice", "+508 508 55 12 34", "FR", "+508551234"},
		{"Luxembourg has no trunk 0", "+352 (0)621 123 456", "FR", "+352621123456"},
		{"Luxembourg, from inside", "0621 123 456", "LU", "+352621123456"},
		{"Spain", "+34 (0)612 345 678", "FR", "+34612345678"},
		{"Portugal", "+351 0912345678", "FR", "+351912345678"},
		{"Tunisia", "+216 (0)20 123 456", "FR", "+21620123456"},
		{"Senegal", "+221 (0)77 123 45 67", "FR", "+221771234567"},
		{"Andorra", "+376 (0)312345", "FR", "+376312345"},
		{"Poland", "+48 (0)512345678", "FR", "+48512345678"},
		{"America", "+1 (0)212 555 1234", "FR", "+12125551234"},
		{"an Italian mobile has no 0", "+39 (0)347 123 4567", "FR", "+393471234567"},
		{"New Caledonia", "+687 (0)75 12 34", "FR", "+687751234"},
		{"Polynesia", "+689 0 87 12 34 56", "FR", "+68987123456"},
		{"Mexico before 2019", "+52 1 55 1234 5678", "FR", "+525512345678"},
		{"Mexico, 01", "+52 01 55 1234 5678", "FR", "+525512345678"},
		{"Mexico, from inside", "044 55 1234 5678", "MX", "+525512345678"},
		{"Argentina, 15", "+54 11 15 2345 6789", "FR", "+5491123456789"},
		{"Argentina, 9 and 15", "+54 9 11 15 2345 6789", "FR", "+5491123456789"},
		{"Brazil before the ninth digit", "+55 11 8765 4321", "FR", "+5511987654321"},
		{"Brazil, with a 0", "+55 (0)11 8765 4321", "FR", "+5511987654321"},
		{"Ivory Coast before 2021, Orange", "+225 07 12 34 56", "FR", "+2250707123456"},
		{"Ivory Coast before 2021, MTN", "+225 44 12 34 56", "FR", "+2250544123456"},
		{"Ivory Coast before 2021, Moov", "+225 40 12 34 56", "FR", "+2250140123456"},
		{"Benin before 2024", "+229 97 12 34 56", "FR", "+2290197123456"},
		{"Benin, from inside", "97123456", "BJ", "+2290197123456"},
		{"Vietnam before 2018", "+84 162 123 4567", "FR", "+84321234567"},
		{"Vietnam before 2018, with its 0", "+84 0162 123 4567", "FR", "+84321234567"},
		{"Ivory Coast before 2021, a late block", "+225 89 12 34 56", "FR", "+2250789123456"},
		{"Cameroon before 2014", "+237 77 12 34 56", "FR", "+237677123456"},
		{"Mauritius before 2013", "+230 7 123 456", "FR", "+23057123456"},
		{"Mayotte before 2007", "+269 639 01 23 45", "FR", "+262639012345"},
		{"Polynesia before 2014", "+689 77 12 34", "FR", "+68987771234"},
		{"metropolitan behind an overseas code", "+590 6 12 34 56 78", "FR", "+33612345678"},
		{"Guadeloupe behind Réunion's code", "+262 690 00 12 34", "FR", "+590690001234"},
		{"Guiana behind Martinique's code", "+596 0694 20 12 34", "FR", "+594694201234"},
		{"code twice", "+33 33 6 12 34 56 78", "FR", "+33612345678"},
		{"code twice, with 00", "+33 0033 (0)6 12 34 56 78", "FR", "+33612345678"},
		{"British code twice", "+44 44 7400 123456", "FR", "+447400123456"},
		{"British code twice, with 00", "+44 0044 (0)7400 123456", "FR", "+447400123456"},
		{"+ and 00", "+00 33 6 12 34 56 78", "FR", "+33612345678"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := number.Parse(tc.raw, tc.region)
			if err != nil || string(p.Number) != tc.want {
				t.Fatalf("Parse = %s, %v; want %s", string(p.Number), err, tc.want)
			}
			if len(p.Warnings) == 0 || p.Warnings[0].Code.Wire() != string(number.CodeRepaired) {
				t.Errorf("warnings %v", p.Warnings)
			}
		})
	}
}

// What is right as it is must not be touched: each has a brother above.
func TestNumbersAreLeftAlone(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"Italian fixed line keeps its 0", "+39 06 1234 5678", "+390612345678"},
		{"Congo keeps its 0", "+242 06 612 3456", "+242066123456"},
		{"Ivory Coast keeps its 0", "+225 (0)7 07 12 34 56", "+2250707123456"},
		{"San Marino keeps its 0", "+378 0549 886 123", "+3780549886123"},
		{"Argentina, fixed", "+54 11 2345 6789", "+541123456789"},
		{"Argentina, mobile", "+54 9 11 2345 6789", "+5491123456789"},
		{"Brazil, fixed", "+55 11 3456 7890", "+551134567890"},
		{"a German area that looks like the code", "+49 4951 123456", "+494951123456"},
		{"Réunion, an area that looks like the code", "+262 262 12 34 56", "+262262123456"},
		{"the trunk 0 of Germany", "+49 (0)151 23456789", "+4915123456789"},
		{"the trunk 06 of Hungary", "+36 06 30 123 4567", "+36301234567"},
		{"the trunk 8 of Russia", "+7 (8) 912 345-67-89", "+79123456789"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := number.Parse(tc.raw, "FR")
			if err != nil || string(p.Number) != tc.want {
				t.Fatalf("Parse = %s, %v; want %s", string(p.Number), err, tc.want)
			}
			for _, w := range p.Warnings {
				if w.Code.Wire() != string(number.CodeFixedLine) {
					t.Errorf("warning %v", w)
				}
			}
		})
	}
}

// The sentence of a refusal is that of its country.
func TestRefusalsAreTrue(t *testing.T) {
	for _, tc := range []struct {
		name, raw    string
		code         reason.Code
		want, french string
	}{
		{
			"Mexico", "+52 55 1234 56789", number.CodeTooLong,
			"A number of +52 has 10 digits after the country code; this one has 11.",
			"Un numéro de +52 a 10 chiffres après l'indicatif\u00a0; celui-ci en a 11.",
		},
		{
			"Ivory Coast, a mobile of an operator that has closed", "+225 60 12 34 56", number.CodeTooShort,
			"A number of +225 has 10 digits after the country code; this one has only 8.",
			"Un numéro de +225 a 10 chiffres après l'indicatif\u00a0; celui-ci n'en a que 8.",
		},
		{
			"Ivory Coast, an old fixed line", "+225 20 12 34 56", number.CodeTooShort,
			"A number of +225 has 10 digits after the country code; this one has only 8.",
			"Un numéro de +225 a 10 chiffres après l'indicatif\u00a0; celui-ci n'en a que 8.",
		},
		{
			"Germany, a mobile that is too short", "+49 151 2345", number.CodeTooShort,
			"The numbers of +49 that begin so have 11 digits after the country code; this one has only 7.",
			"Les numéros de +49 qui commencent ainsi ont 11 chiffres après l'indicatif\u00a0; celui-ci n'en a que 7.",
		},
		{
			"Belgium, a fixed line that is too long", "+32 42 012 34 56", number.CodeTooLong,
			"The numbers of +32 that begin so have 8 digits after the country code; this one has 9.",
			"Les numéros de +32 qui commencent ainsi ont 8 chiffres après l'indicatif\u00a0; celui-ci en a 9.",
		},
		{
			"Norway, between two lengths", "+47 123456", number.CodeNotPossible,
			"A number of +47 has 5 or 8 digits after the country code; this one has only 6.",
			"Un numéro de +47 a 5 ou 8 chiffres après l'indicatif\u00a0; celui-ci n'en a que 6.",
		},
		{
			"France", "+33 6 12 34 56 78 9", number.CodeTooLong,
			"A number of +33 has 9 digits after the country code; this one has 10.",
			"Un numéro de +33 a 9 chiffres après l'indicatif\u00a0; celui-ci en a 10.",
		},
		{
			"a machine", "07 00 11 22 33", number.CodeTooShort,
			"A number that begins with 07 00 is one of a machine and has 14 digits in national form; this one has only 10.",
			"Un numéro qui commence par 07 00 est celui d'une machine et a 14 chiffres sous forme nationale\u00a0; celui-ci n'en a que 10.",
		},
		{
			"a spreadsheet", "3,36E+10", number.CodeInvalidCharacters,
			"A spreadsheet wrote it as a power of ten, and its last digits are lost. Format the column as text, and type the number again.",
			"Un tableur l'a écrit comme une puissance de dix, et ses derniers chiffres sont perdus. Mettez la colonne au format texte, et saisissez de nouveau le numéro.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := number.Parse(tc.raw, "FR")
			refused, ok := errors.AsType[*number.Error](err)
			if !ok {
				t.Fatalf("Parse: %v", err)
			}
			got := []string{
				refused.Reason.Code.Wire(), refused.Reason.In(reason.English), refused.Reason.In("fr"),
			}
			if diff := cmp.Diff([]string{string(tc.code), tc.want, tc.french}, got); diff != "" {
				t.Errorf("refusal (-want +got):\n%s", diff)
			}
			if strings.Contains(refused.Error(), "15") {
				t.Errorf("the limit of the world: %s", refused.Error())
			}
		})
	}
}
