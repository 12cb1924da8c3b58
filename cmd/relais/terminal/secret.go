package terminal

import (
	"errors"
	"os"
	"syscall"

	"relais/plaintext"
)

// SecretIn reads the secret that a file holds.
func (t *Terminal) SecretIn(name string) (string, error) {
	data, err := plaintext.ReadFile(name)
	if err != nil {
		return "", t.Failed(err, "file_unreadable", "file", name)
	}
	secret, err := plaintext.Secret(string(data))
	if err != nil {
		return "", t.Failed(err, "secret_wrong", "place", name)
	}
	if secret == "" {
		return "", errors.New(t.Text("file_empty", "file", name))
	}
	return secret, nil
}

// SecretOf is the secret in an environment variable, "" when it is not set.
func (t *Terminal) SecretOf(variable string) (string, error) {
	secret, err := plaintext.Secret(os.Getenv(variable))
	if err != nil {
		return "", t.Failed(err, "secret_wrong", "place", variable)
	}
	return secret, nil
}

// Because is the reason of an error in few words: the path of a file is in our sentence,
// and what systems say of files most often is said in the person's language.
func (t *Terminal) Because(err error) string {
	wrapped, ok := errors.AsType[*os.PathError](err)
	if ok {
		err = wrapped.Err
	}
	switch err { //nolint:errorlint // what wraps one of these has more to say
	case syscall.ENOENT:
		return t.Text("because_missing")
	case syscall.EACCES:
		return t.Text("because_denied")
	case syscall.EISDIR:
		return t.Text("because_directory")
	default:
		return err.Error()
	}
}
