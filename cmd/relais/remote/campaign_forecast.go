package remote

import (
	"fmt"
	"strconv"

	"relais/campaign"
	"relais/client"
	"relais/cmd/relais/terminal"
)

// printForecast prints what the gateway says of price, ways and times.
func printForecast(t *terminal.Terminal, r *campaign.Report) error {
	f := r.Forecast
	rows := [][]string{{
		t.Text("head_connector"), t.Text("head_messages"), t.Text("head_segments"), t.Text("head_per_minute"), t.Text("head_credit"),
	}}
	for i := range f.Routes {
		one := &f.Routes[i]
		pace := ""
		if one.PerMinute > 0 {
			pace = strconv.Itoa(one.PerMinute)
		}
		rows = append(rows, []string{
			one.Connector, strconv.Itoa(one.Messages), strconv.Itoa(one.Segments), pace, creditLeft(t, one.Credit),
		})
	}
	if len(f.Routes) > 0 {
		fmt.Fprintln(t.Stdout)
		if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
			return err
		}
	}
	fmt.Fprintln(t.Stdout)
	if f.Price != nil {
		say(t, t.Text("campaign_price", "price", price(t, (*client.Price)(f.Price))))
	}
	if f.WithoutPrice > 0 {
		say(t, t.Text("campaign_without_price", "count", f.WithoutPrice))
	}
	if f.Last != nil {
		say(t, t.Text("campaign_times", "start", t.Shown(f.Start), "last", t.Shown(*f.Last)))
	}
	for i := range f.Routes {
		if one := &f.Routes[i]; one.Credit != nil && !one.Credit.Enough {
			say(t, t.Text("campaign_credit_short", "connector", one.Connector))
		}
	}
	return nil
}

func creditLeft(t *terminal.Terminal, c *campaign.Credit) string {
	if c == nil {
		return ""
	}
	const decimals = 2
	return t.Text("campaign_credit", "left", strconv.FormatFloat(c.Left, 'f', -1, 64),
		"needed", strconv.FormatFloat(c.Needed, 'f', decimals, 64), "unit", c.Unit)
}
