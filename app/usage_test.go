package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"relais/client"
	"relais/sandbox"
)

// budget is three messages of one segment to metropolitan France.
const budget = `
[quota.budget]
per = "account"
every = "month"
money = "0.15"
`

// TestBudgetIsKept has many requests at once spend a budget: no more is accepted
// than it holds, the refusal and the preview say what is left, and the usage says
// what was spent.
func TestBudgetIsKept(t *testing.T) {
	t.Parallel()
	file, err := filepath.Abs(filepath.Join("..", "examples", "tariffs", "contract.toml"))
	if err != nil {
		t.Fatal(err)
	}
	operators := simulate(t, sandbox.Options{})
	priced := strings.Replace(toml, "[connector.ovh]\n",
		fmt.Sprintf("[connector.ovh]\ntariff = %q\n", file), 1)
	a, settings, _ := run(t, func(data string) string {
		return fmt.Sprintf(priced+budget, data, operators.URL())
	})
	c := client.New(a.URL(), newKey(t, settings.Data))
	var taken, refused atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			_, err := c.Submit(t.Context(),
				client.SubmitRequest{
					To: []string{fmt.Sprintf("06399800%02d", i)}, Text: "Bonjour", Connector: "ovh",
				})
			problem, spent := errors.AsType[*client.Problem](err)
			switch {
			case err == nil:
				taken.Add(1)
			case spent && problem.Status == http.StatusTooManyRequests && problem.Code == "quota_exceeded" &&
				strings.Contains(problem.Detail, "0.009 EUR left until"):
				refused.Add(1)
			default:
				t.Errorf("Submit: %v", err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 3 || refused.Load() != 17 {
		t.Errorf("%d taken and %d refused, want 3 and 17", taken.Load(), refused.Load())
	}
	var used *client.UsageList
	await(t, "three messages at the operator", patience, func() bool {
		var err error
		if used, err = c.Usage(t.Context(), "", ""); err != nil {
			t.Fatal(err)
		}
		return len(used.Items) == 1 && used.Items[0].Sent == 3
	})
	want := client.Usage{
		Month: used.Items[0].Month, Key: "api:test", Class: "transactional", Connector: "ovh", Messages: 3,
		Sent: 3, Segments: 3,
		Price: client.Price{Amount: "0.141", Currency: "EUR"},
	}
	if used.Items[0] != want {
		t.Errorf("used %+v, want %+v", used.Items[0], want)
	}
	list, err := c.ExportUsage(t.Context(), "", "")
	if err != nil || !strings.Contains(string(list), "api:test,transactional,ovh,3,3,3,0.141,EUR,0,0\n") {
		t.Errorf("as CSV %q, %v", list, err)
	}
}
