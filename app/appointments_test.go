package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/app"
	"relais/client"
	"relais/internal/pgtest"
	"relais/internal/trial"
	"relais/sandbox"
)

// office is a place that gives its table of appointments to a gateway again and again.
type office struct {
	*world

	campaign string   // that the next table goes on from; empty: none yet
	all      []string // that were started
}

// visit is a row of the table.
type visit struct{ key, phone, day, at string }

func (v visit) number() string { return "+33639980" + v.phone }

// goTo moves the clock of the program, and of the operators.
func goTo(at string) {
	moment, err := time.Parse("2006-01-02 15:04", at)
	if err != nil {
		panic(err)
	}
	trial.MoveClock(time.Until(moment))
}

func (o *office) table(rows []visit) *strings.Reader {
	var b strings.Builder
	b.WriteString("Clé;Portable;Date;Heure\n")
	for _, v := range rows {
		fmt.Fprintf(&b, "%s;06%s;%s;%s\n", v.key, strings.TrimPrefix(v.number(), "+336"), v.day, v.at)
	}
	return strings.NewReader(b.String())
}

// check gives a table, and has it judged.
func (o *office) check(t *testing.T, rows []visit, a client.CampaignAppointments) *client.Campaign {
	t.Helper()
	var made *client.Campaign
	var err error
	if o.campaign == "" {
		made, err = o.CreateCampaign(t.Context(), client.CampaignRequest{
			Name: "Rappels", Class: "transactional", Sender: "MAIRIE", Connector: "ovh",
			Text: "((clé)) : ((date)) ((heure))", Options: client.CampaignOptions{Appointments: a},
		})
	} else if made, err = o.CorrectCampaign(t.Context(), o.campaign); err == nil && a != (client.CampaignAppointments{}) {
		made, err = o.ChangeCampaign(t.Context(), made.ID, made.Version, client.CampaignChange{
			Options: &client.CampaignOptions{Appointments: a},
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.PutCampaignFile(t.Context(), made.ID, "rdv.csv", o.table(rows)); err != nil {
		t.Fatal(err)
	}
	return o.checkAgain(t, made.ID)
}

func (o *office) checkAgain(t *testing.T, id string) *client.Campaign {
	t.Helper()
	_, err := o.CheckCampaign(t.Context(), id)
	var now *client.Campaign
	if err == nil {
		now, err = o.WatchCampaign(t.Context(), id, 20*time.Millisecond, func(*client.Campaign) {})
	}
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func (o *office) start(t *testing.T, c *client.Campaign) {
	t.Helper()
	if c.Status != client.CampaignReady {
		t.Fatalf("%s, %+v", c.Status, c.Problem)
	}
	for range 2 { // a second click does nothing
		if _, err := o.StartCampaign(t.Context(), c.ID, c.Check); err != nil {
			t.Fatal(err)
		}
	}
	o.campaign, o.all = c.ID, append(o.all, c.ID)
}

// texts are those on every handset, in order.
func (o *office) texts(rows []visit) (all []string) {
	numbers := map[string]bool{}
	for _, v := range rows {
		if numbers[v.number()] {
			continue
		}
		numbers[v.number()] = true
		for _, text := range o.sandbox.Handset(v.number()) {
			all = append(all, text.Text)
		}
	}
	slices.Sort(all)
	return all
}

// settled waits until no reminder is due: each campaign waits for a later one, or has ended.
func (o *office) settled(t *testing.T) {
	t.Helper()
	now := trial.Now()
	await(t, "reminders that are due", patience, func() bool {
		for _, id := range o.all {
			if o.due(t, id, now) {
				return false
			}
			c, err := o.Campaign(t.Context(), id) // behind its rows: what is not due any more is taken by then
			if err != nil {
				t.Fatal(err)
			}
			if c.Counts.Taken > 0 || c.Counts.Waiting == 0 && c.Status != client.CampaignFinished {
				return false
			}
		}
		return true
	})
}

// due reports whether a reminder waits whose moment has come, by a clock of this test's own.
func (o *office) due(t *testing.T, id string, now time.Time) bool {
	t.Helper()
	rows, err := o.CampaignRows(t.Context(), id, client.RowQuery{State: "waiting", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	clock := now.In(paris).Format("2006-01-02T15:04")
	return slices.ContainsFunc(rows.Items, func(r client.CampaignRow) bool { return r.Appointment.Due <= clock })
}

// TestOneTableFiveTimes: a table of appointments is given five times, with changes, over both changes
// of hour of 2027, 28 March and 31 October. Each reminder that holds is on its handset once, when its
// time has come and not before; of what was moved or is gone there is none.
func TestOneTableFiveTimes(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": func(t *testing.T) string { return fmt.Sprintf("database = %q\n", pgtest.Database(t)) },
	} {
		t.Run(name, func(t *testing.T) { fiveTables(t, database(t)) })
	}
}

func fiveTables(t *testing.T, database string) {
	t.Cleanup(func() { trial.MoveClock(0) })
	goTo("2027-03-26 09:00")
	operators, data := simulate(t, sandbox.Options{Now: trial.Now}), ""
	a, _, logs := run(t, func(dir string) string {
		data = dir
		return fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n%s", dir, operators.URL(), database)
	})
	o := &office{world: &world{client.New(a.URL(), app.SandboxKey), a, operators, logs, data}}
	first := []visit{
		{"K1", "101", "29/03/2027", "10h"},
		{"K2", "102", "lundi 29 mars 2027", "11:00"},
		{"K3", "103", "2027-03-29", "12h00"},
		{"K4", "104", "30/03/2027", "9 h"},
		{"K5", "105", "01/11/2027", "10h00"},
		{"K6", "106", "1er nov. 2027", "11h"},
	}
	for i := range 6 {
		first = append(first, visit{fmt.Sprintf("L%d", i), fmt.Sprintf("11%d", i), "02/11/2027", "15h"})
	}
	var want []string
	seen := slices.Clone(first)
	look := func(when string, more ...string) {
		t.Helper()
		goTo(when)
		o.settled(t)
		want = append(want, more...)
		slices.Sort(want)
		if got := o.texts(seen); !slices.Equal(got, want) {
			t.Errorf("at %s there are %q, want %q", when, got, want)
		}
	}
	// One reminder is by a time of the night that 28 March lacks and 31 October has twice.
	rules := client.CampaignAppointments{Rules: "la veille à 2 h 30, 2 h avant", Zone: "Europe/Paris"}
	o.start(t, o.check(t, first, rules))
	look("2027-03-26 10:00")
	o.start(t, o.check(t, first, client.CampaignAppointments{})) // the same once more
	look("2027-03-27 12:00")

	// K2 is moved by a day, K7 is new, K3 and K4 are not in it: it is not the whole table.
	second := slices.Delete(slices.Clone(first), 2, 4)
	second[1].day = "30/03/2027"
	second = append(second, visit{"K7", "107", "29/03/2027", "15h"})
	seen = append(seen, second...)
	o.start(t, o.check(t, second, client.CampaignAppointments{}))
	// The clock goes on while somebody looks: what has not come is looked for well before.
	look("2027-03-28 00:15")
	look("2027-03-28 00:31", "K1 : 29/03/2027 10h", "K3 : 2027-03-29 12h00", "K7 : 29/03/2027 15h") // 01:30 on the wall
	look("2027-03-28 01:31")                                                                        // 03:31, and 02:30 never was

	// The whole table, without K3 and K4: what waits of them is canceled.
	o.start(t, o.check(t, second, client.CampaignAppointments{Complete: true}))
	look("2027-03-29 00:15")
	look("2027-03-29 00:31", "K2 : 30/03/2027 11:00")
	look("2027-03-29 05:45")
	look("2027-03-29 06:01", "K1 : 29/03/2027 10h")
	look("2027-03-29 11:01", "K7 : 29/03/2027 15h")
	look("2027-03-30 07:01", "K2 : 30/03/2027 11:00")

	// The whole table in October: most of it is gone, and somebody has to mean it.
	goTo("2027-10-30 09:00")
	last := []visit{first[4], first[5]}
	asked := o.check(t, last, client.CampaignAppointments{Complete: true})
	if asked.Status != client.CampaignDraft || asked.Problem == nil || asked.Problem.Code != "appointments_many_gone" {
		t.Fatalf("%s, %+v", asked.Status, asked.Problem)
	}
	asked, err := o.ChangeCampaign(t.Context(), asked.ID, asked.Version, client.CampaignChange{
		Options: &client.CampaignOptions{Appointments: client.CampaignAppointments{Many: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.start(t, o.checkAgain(t, asked.ID))
	look("2027-10-31 00:15")
	look("2027-10-31 00:31", "K5 : 01/11/2027 10h00", "K6 : 1er nov. 2027 11h")
	look("2027-10-31 01:31") // 02:31 again
	look("2027-11-01 06:45")
	look("2027-11-01 07:01", "K5 : 01/11/2027 10h00")
	look("2027-11-01 08:01", "K6 : 1er nov. 2027 11h")
	look("2027-11-02 15:00")
	for _, id := range o.all {
		c, err := o.Campaign(t.Context(), id)
		if err != nil || c.Status != client.CampaignFinished {
			t.Errorf("%s, %v", c.Status, err)
		}
	}
}
