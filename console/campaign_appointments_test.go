package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/console/consoletest"
)

// dayAfter is a day to come, as tables have it.
func dayAfter(days int) string { return time.Now().AddDate(0, 0, days).Format("02/01/2006") }

// agendaOf is a table with appointments at a time of the day after the next.
func agendaOf(at string, keys ...string) string {
	var b strings.Builder
	b.WriteString("Clé;Portable;Date;Heure\n")
	for i, key := range keys {
		fmt.Fprintf(&b, "%s;06399800%02d;%s;%s\n", key, i+1, dayAfter(3), at)
	}
	return b.String()
}

func appointmentsForm(version, rules string, pairs ...string) []string {
	return append([]string{"version", version, "rules", rules, "key", "", "date", "", "time", "", "zone", "Europe/Paris"}, pairs...)
}

func TestRemindersInTheConsole(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("claire", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("rose", auth.Grant{Account: "sandbox", Role: auth.Reader})
	b, rose := w.SignedIn("fr", "claire"), w.SignedIn("fr", "rose")
	path := drafted(t, b, "Rappel : rendez-vous le ((date)) à ((heure)).", agendaOf("14h30", "A7", "B8"))
	p := b.Get(path + "/columns")
	if !p.Has("Chaque ligne est-elle un rendez-vous ?", path+"/appointments") {
		t.Fatalf("%s", p.HTML)
	}
	p = b.Get(path + "/appointments")
	bad := b.Post(path+"/appointments", appointmentsForm(versionOn(t, p), "bientôt")...)
	if bad.Status != http.StatusUnprocessableEntity || !bad.Has("ne dit pas quand un rappel part", `value="bientôt"`, `href="#rules"`) {
		t.Fatalf("%d %s", bad.Status, bad.HTML)
	}
	p = b.Post(path+"/appointments", appointmentsForm(versionOn(t, p), "la veille à 18 h, 2 h avant")...)
	if p.Path != path+"/columns" || !p.Has("Il est rappelé", "la veille à 18 h", "2 h avant") {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	b.Post(path+"/columns", columnsForm(versionOn(t, p))...)
	w.Await(b, path+"/check", "4 messages partiront.")
	if p := b.Get(path + "/options"); p.Has(`name="when"`) || !p.Has("d'après l'heure de leurs rendez-vous") {
		t.Errorf("%s", p.HTML)
	}
	p = b.Get(path + "/summary")
	if !p.Has("chacun à l'heure de son rappel", "Programmer") {
		t.Errorf("%s", p.HTML)
	}
	if p := b.Post(path+"/start", "check", p.Between(t, `name="check" value="`, `"`)); !p.Has("la veille à 18 h", "Prendre le tableau tel qu'il est maintenant") {
		t.Fatalf("%d %s", p.Status, p.HTML)
	}
	p = b.Get(path + "/rows")
	if !p.Has("A7", "14 h 30", "12 h 30", "18 h", "la veille à 18 h", "2 h avant", `<td data-label="Ligne">2`) || p.Has("2000002", "2 000 002") {
		t.Errorf("%s", p.HTML)
	}
	if p := rose.Get(path + "/rows"); !p.Has("14 h 30") || p.Has("A7") {
		t.Errorf("a reader sees: %s", p.HTML)
	}
	at := time.Now().AddDate(0, 0, 3).Format(time.DateOnly) + " 14:30"
	file := b.Post(path+"/export", "form", "csv")
	if !file.Has("Key of the appointment,Appointment at,Reminder,Reminder due,Row,Number", "A7,"+at+",the day before at 18:00,", ",2,+33639980001,") {
		t.Errorf("%s", file.HTML)
	}
	again(t, w, b, path)
}

// again gives a campaign of reminders the table anew: one appointment is moved and one is gone, of two.
func again(t *testing.T, w *consoletest.World, b *consoletest.Browser, path string) {
	t.Helper()
	p := b.Post(path + "/correction")
	next := strings.TrimSuffix(p.Path, "/recipients")
	if next == path || next == p.Path {
		t.Fatalf("%d %s %s", p.Status, p.Path, p.HTML)
	}
	p = b.Upload(next+"/recipients", "file", "rdv.csv", agendaOf("15h", "A7"), "version", versionOn(t, p))
	p = b.Post(next+"/appointments", appointmentsForm(versionOn(t, p), "la veille à 18 h, 2 h avant", "complete", "1")...)
	b.Post(next+"/columns", columnsForm(versionOn(t, p))...)
	p = w.Await(b, next+"/check", "1 des 2 rendez-vous", "Le tableau est-il entier ?", next+"/gone")
	b.Post(next+"/gone", "version", versionOn(t, p))
	p = w.Await(b, next+"/check", "2 messages partiront.", "1 à une autre heure", "seront annulés au lancement")
	if p.Has("/gone") {
		t.Errorf("%s", p.HTML)
	}
	p = b.Get(next + "/summary")
	b.Post(next+"/start", "check", p.Between(t, `name="check" value="`, `"`))
	w.Await(b, path+"/rows?state=canceled", "Le rendez-vous n'est plus dans le nouveau tableau", "Un tableau plus récent a ce rendez-vous")
}
