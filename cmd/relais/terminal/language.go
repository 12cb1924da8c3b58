package terminal

import (
	"fmt"
	"slices"
	"strings"

	"relais/reason"
)

// LanguageOf reads the locale as POSIX orders it (XBD 8.2): LC_ALL wins over
// LC_MESSAGES, which wins over LANG; a variable set to nothing counts as unset.
func LanguageOf(env func(string) (string, bool)) reason.Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale, _ := env(name); locale != "" {
			return reason.FromLocale(locale)
		}
	}
	return reason.English
}

// languageFlag is the flag that wins over the locale. It is read before the others: what
// is wrong with them is said in its language.
const languageFlag = "--lang"

// AskedLanguage is the value of the flag, "" where it is not given.
func AskedLanguage(args []string) (asked string) {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, ok := strings.CutPrefix(arg, languageFlag+"="); ok {
			asked = value
		}
		if arg == languageFlag && i+1 < len(args) {
			asked = args[i+1]
		}
	}
	return asked
}

// Speak makes the terminal speak the language that the command line asks for, and
// reports whether there is one.
func (t *Terminal) Speak(asked string) bool {
	if asked == "" {
		return true
	}
	language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(asked), "_", "-"), "-")
	if !slices.Contains(reason.Languages(), reason.Language(language)) {
		return false
	}
	t.Language = reason.Language(language)
	return true
}

// Text is a phrase of the command line in the language of the person: the key is its
// code in the catalogues, behind "cli/", and the arguments come in pairs of name and
// value.
func (t *Terminal) Text(key string, pairs ...any) string {
	return reason.Of(reason.Code(reason.Command+"/"+key), named(pairs)).In(t.Language)
}

func named(pairs []any) reason.Args {
	args := make(reason.Args, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = argOf(pairs[i+1])
	}
	return args
}

func argOf(value any) reason.Arg {
	switch value := value.(type) {
	case reason.Arg:
		return value
	case int:
		return reason.Count(value)
	case error:
		return reason.OfError(value)
	default:
		return reason.Name(fmt.Sprint(value))
	}
}

// Say writes a phrase as a line of standard error, where everything goes that
// is not the result.
func (t *Terminal) Say(key string, pairs ...any) {
	fmt.Fprintln(t.Stderr, t.Text(key, pairs...))
}

// Help is a sentence of the help in the language of the person. Its code in the
// catalogues is made of the English words, which stand beside the commands.
func (t *Terminal) Help(english string) string {
	if english == "" {
		return ""
	}
	return t.Text(HelpKey(english))
}

// HelpKey has the first words of a sentence in small letters.
func HelpKey(english string) string {
	const longest = 60
	words := strings.FieldsFunc(strings.ToLower(english), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	key := strings.Join(words, "_")
	return "help/" + strings.TrimRight(key[:min(len(key), longest)], "_")
}
