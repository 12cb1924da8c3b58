package mail

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// CreditLow is a credit that runs out.
type CreditLow struct {
	Connector  string
	Amount     float64
	Unit       string
	Threshold  float64
	BurnPerDay float64   // 0: not known
	EmptyAt    time.Time // zero: not known
	At         time.Time
}

// Words returns subject and body in French ("fr") or English. Times are shown
// in a zone.
func (c CreditLow) Words(language string, zone *time.Location) (subject, body string) {
	if language == "fr" {
		return c.french(zone)
	}
	return c.english(zone)
}

func (c CreditLow) english(zone *time.Location) (subject, body string) {
	subject = fmt.Sprintf("SMS credit is low: %s %s left at %s", amount(c.Amount, "."), c.Unit, c.Connector)
	var b strings.Builder
	fmt.Fprintf(&b, "The connector %s has %s %s left; the alert is set at %s.\n", c.Connector, amount(c.Amount, "."), c.Unit, amount(c.Threshold, "."))
	if c.BurnPerDay > 0 {
		fmt.Fprintf(&b, "About %s %s go in a day.\n", amount(c.BurnPerDay, "."), c.Unit)
	}
	if !c.EmptyAt.IsZero() {
		fmt.Fprintf(&b, "At that rate it will be used up on %s.\n", c.EmptyAt.In(zone).Format("2006-01-02 15:04 MST"))
	}
	fmt.Fprintf(&b, "\nThen messages wait, or go through the fallback of their route, until somebody buys credit.\nSeen on %s by Relais.\n",
		c.At.In(zone).Format("2006-01-02 15:04 MST"))
	return subject, b.String()
}

func (c CreditLow) french(zone *time.Location) (subject, body string) {
	unit := strings.Replace(c.Unit, "credits", "crédits", 1)
	subject = fmt.Sprintf("Crédit SMS bas : il reste %s %s chez %s", amount(c.Amount, ","), unit, c.Connector)
	var b strings.Builder
	fmt.Fprintf(&b, "Il reste %s %s au connecteur %s ; l'alerte est réglée à %s.\n", amount(c.Amount, ","), unit, c.Connector, amount(c.Threshold, ","))
	if c.BurnPerDay > 0 {
		fmt.Fprintf(&b, "Il s'en va environ %s %s par jour.\n", amount(c.BurnPerDay, ","), unit)
	}
	if !c.EmptyAt.IsZero() {
		fmt.Fprintf(&b, "À ce rythme, il sera épuisé le %s.\n", c.EmptyAt.In(zone).Format("02/01/2006 à 15:04 MST"))
	}
	fmt.Fprintf(&b, "\nEnsuite les messages attendent, ou passent par le secours de leur route, jusqu'à l'achat de crédit.\nConstaté le %s par Relais.\n",
		c.At.In(zone).Format("02/01/2006 à 15:04 MST"))
	return subject, b.String()
}

// amount writes a number without needless digits.
func amount(f float64, point string) string {
	text := strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
	return strings.Replace(text, ".", point, 1)
}
