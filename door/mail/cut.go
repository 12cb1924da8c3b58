package mail

import (
	"regexp"
	"slices"
	"strings"
)

// signature is the line above a signature: two dashes and a space (RFC 3676, 4.3).
const signature = "-- "

var (
	// attribution is the line above what is quoted, as the common programs write it.
	attribution = regexp.MustCompile(`(?i)^\s*(on|le|am|el|il|op)\b.{4,200}(wrote|a écrit|schrieb.{0,80}|escribió|ha scritto|schreef.{0,80})\s*:\s*$`)
	// divider is the line above a mail that is answered or passed on.
	divider = regexp.MustCompile(`(?i)^\s*-{2,}\s*(original message|message d['’]origine|message original|forwarded message|message transféré|message réexpédié|ursprüngliche nachricht|weitergeleitete nachricht)\s*-{2,}\s*$`)
	begun   = regexp.MustCompile(`(?i)^\s*(begin forwarded message|début du message (transféré|réexpédié))\s*:\s*$`)
	// sender and sent are the first lines of the header that Outlook quotes.
	sender = regexp.MustCompile(`(?i)^\s*\*?(from|de|von)\*?\s?:\*?\s*\S`)
	rule   = regexp.MustCompile(`^\s*_{10,}\s*$`) // above it, by Outlook too
	sent   = regexp.MustCompile(`(?i)^\s*\*?(sent|date|envoyé|gesendet)\*?\s?:\*?\s*\S`)
)

// cut is what a person wrote: nothing from a signature, a mail that is quoted, or a mark on. answers tells that the mail answers
// another: a line of a machine may begin with > too.
func cut(text string, answers bool, marks []string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line == signature || marked(line, marks) || quoteBegins(lines, i) || answers && strings.HasPrefix(line, ">") {
			return strings.Join(lines[:i], "\n")
		}
	}
	return text
}

func marked(line string, marks []string) bool {
	for _, mark := range marks {
		if strings.Contains(line, mark) {
			return true
		}
	}
	return false
}

// farthest is how many lines after "From:" Outlook's "Sent:" stands.
const farthest = 4

func quoteBegins(lines []string, i int) bool {
	line := lines[i]
	if divider.MatchString(line) || begun.MatchString(line) || attribution.MatchString(line) {
		return true
	}
	if i+1 < len(lines) && lines[i+1] != "" && attribution.MatchString(line+" "+lines[i+1]) { // it was broken in two
		return true
	}
	if rule.MatchString(line) && i+1 < len(lines) {
		return quoteBegins(lines, i+1)
	}
	if !sender.MatchString(line) {
		return false
	}
	return slices.ContainsFunc(lines[i+1:min(i+1+farthest, len(lines))], sent.MatchString)
}

// unflow joins the lines of a text that was broken for the way (RFC 3676): those that end with a space go on in the next one.
func unflow(text string, delSp bool) string {
	var lines []string
	open := false
	for line := range strings.SplitSeq(text, "\n") {
		quoted := strings.HasPrefix(line, ">")
		line = strings.TrimPrefix(line, " ") // it was stuffed
		goesOn := strings.HasSuffix(line, " ") && line != signature && !quoted
		joins := open && line != signature && !quoted
		if goesOn && delSp {
			line = strings.TrimSuffix(line, " ")
		}
		if joins {
			lines[len(lines)-1] += line
		} else {
			lines = append(lines, line)
		}
		open = goesOn
	}
	return strings.Join(lines, "\n")
}

// oneEnding writes every end of a line as \n.
func oneEnding(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// tidy takes spaces off the ends of lines, empty lines off both ends, and leaves one of several.
func tidy(text string) string {
	var kept []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\u00a0")
		if line == "" && (len(kept) == 0 || kept[len(kept)-1] == "") {
			continue
		}
		kept = append(kept, line)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
