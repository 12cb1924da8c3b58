package reason

import (
	"errors"
	"maps"
	"strings"
	"syscall"
)

// Error is an error that people read. Its words are a reason: in English where a log has
// them, in the reader's language where somebody reads them.
type Error struct {
	Reason Reason

	cause error // nil where nothing is behind it
}

// Error implements error, in English.
func (e *Error) Error() string { return e.Reason.In(English) }

// Unwrap is what is behind it.
func (e *Error) Unwrap() error { return e.cause }

// NewError makes an error of a sentence.
func NewError(code Code, args Args) error { return &Error{Reason: Of(code, args)} }

// Wrap makes an error of a sentence that says by its argument "why" what is behind it.
func Wrap(cause error, code Code, args Args) error {
	all := maps.Clone(args)
	if all == nil {
		all = Args{}
	}
	all["why"] = OfError(cause)
	return &Error{Of(code, all), cause}
}

const (
	placed  Code = "words/placed"  // a place, such as a file or a key, and what is wrong there
	between Code = "words/between" // a sentence inside somebody else's words
)

// At says where an error is: in a file, at a key.
func At(place string, cause error) error { return Wrap(cause, placed, Args{"place": Name(place)}) }

// OfError is what an error says. What nobody has put into the catalogues is the same in
// every language: the words of an operator, of a library or of the system.
func OfError(err error) Reason {
	if e, ok := err.(*Error); ok { //nolint:errorlint // what wraps one has words of its own
		return e.Reason
	}
	if all, ok := lines(err); ok {
		return all
	}
	text := err.Error()
	if english, said := inside(err); !said.IsZero() {
		if before, behind, ok := strings.Cut(text, english); ok {
			return around(Name(before), said, Name(behind))
		}
	}
	return Verbatim(text)
}

// around is a sentence with other words before and behind it.
func around(before Arg, said Reason, behind Arg) Reason {
	if before == Name("") && behind == Name("") {
		return said
	}
	return Of(between, Args{"before": before, "said": said, "behind": behind})
}

// lines are errors that were joined, each on its line.
func lines(err error) (Reason, bool) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return Reason{}, false
	}
	var texts []string
	all := joined.Unwrap()
	for _, e := range all {
		texts = append(texts, e.Error())
	}
	if len(all) == 0 || strings.Join(texts, "\n") != err.Error() {
		return Reason{}, false // %w twice: words stand between them
	}
	said := OfError(all[0])
	for _, e := range all[1:] {
		said = Of(between, Args{"before": said, "said": Verbatim("\n"), "behind": OfError(e)})
	}
	return said, true
}

// inside is the first error within another that has a sentence, with its English words.
func inside(err error) (english string, said Reason) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Error(), e.Reason
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok && system[e] != "" {
		return e.Error(), Of(system[e], nil)
	}
	return "", Reason{}
}

const (
	systemDenied      Code = "words/system_denied"
	systemDirectory   Code = "words/system_directory"
	systemExists      Code = "words/system_exists"
	systemFull        Code = "words/system_full"
	systemMissing     Code = "words/system_missing"
	systemNoDirectory Code = "words/system_no_directory"
	systemReadOnly    Code = "words/system_read_only"
	systemRefused     Code = "words/system_refused"
	systemTaken       Code = "words/system_address_taken"
)

// system are the errors of the system that people meet most.
var system = map[syscall.Errno]Code{
	syscall.EACCES:       systemDenied,
	syscall.EADDRINUSE:   systemTaken,
	syscall.ECONNREFUSED: systemRefused,
	syscall.EEXIST:       systemExists,
	syscall.EISDIR:       systemDirectory,
	syscall.ENOENT:       systemMissing,
	syscall.ENOSPC:       systemFull,
	syscall.ENOTDIR:      systemNoDirectory,
	syscall.EROFS:        systemReadOnly,
}
