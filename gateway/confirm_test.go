package gateway_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/gateway"
	"relais/search"
	"relais/sms"
)

func TestStopIsConfirmedOnce(t *testing.T) {
	const text = "Mairie : c'est noté."
	type told struct {
		text  string
		id    string // the operator's; empty: made of the text
		block bool   // the operator tells of it first
	}
	for _, tc := range []struct {
		name string
		off  bool
		told []told
		want int
	}{
		{"a STOP", false, []told{{text: "STOP"}}, 1},
		{"off by default", true, []told{{text: "STOP"}}, 0},
		{"told twice", false, []told{{text: "STOP", id: "7"}, {text: "STOP", id: "7"}}, 1},
		{"a further STOP", false, []told{{text: "STOP"}, {text: "Stop, merci"}}, 1},
		{"the operator first", false, []told{{block: true}, {text: "STOP"}}, 0},
		{"a mere reply", false, []told{{text: "Oui"}}, 0},
		{"perhaps", false, []told{{text: "plus de sms svp"}}, 0},
		{"perhaps, then STOP", false, []told{{text: "plus de sms svp"}, {text: "STOP"}}, 1},
		{"a machine that writes START between", false, []told{{text: "STOP"}, {text: "START"}, {text: "STOP", id: "8"}}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &teller{credits: []float64{1}, status: []sms.Receipt{}}
				l := tellers(t, o, func(options *gateway.Options) {
					options.Account = func(name string) gateway.Account {
						a := gateway.Account{Name: name, Region: "FR", StopConfirmation: text}
						if tc.off {
							a.StopConfirmation = ""
						}
						return a
					}
				})
				defer l.stop(t)
				sent := l.submit(t, gateway.Submission{Connector: "ovh"})[0]
				synctest.Wait()
				for _, step := range tc.told {
					time.Sleep(time.Second)
					news := connector.News{Inbounds: []sms.Inbound{{
						ProviderID: step.id,
						From:       "33639980001", Text: step.text, AnswersID: providerID(sent),
					}}}
					if step.block {
						news = connector.News{Blocks: []sms.Block{{Number: "+33639980001"}}}
					}
					push(t, l, o, news)
					time.Sleep(time.Second)
				}
				found, _, err := l.store.Search(t.Context(),
					search.Query{Account: "default", Reference: "stop-confirmation", Limit: 10})
				if err != nil || len(found) != tc.want {
					t.Fatalf("%d confirmations, %v; want %d", len(found), err, tc.want)
				}
				for i := range found {
					if m := &found[i]; m.Text != text || m.To != "+33639980001" ||
						m.Class != sms.Transactional || m.Status != sms.Submitted {
						t.Errorf("confirmation %s", fmt.Sprint(m.Text, m.To, m.Class, m.Status))
					}
				}
			})
		})
	}
}
