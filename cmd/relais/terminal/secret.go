package terminal

import (
	"errors"
	"os"

	"relais/plaintext"
	"relais/reason"
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

// Because is the reason of an error in few words: the path of a file is in our sentence.
func (t *Terminal) Because(err error) string {
	if wrapped, ok := errors.AsType[*os.PathError](err); ok {
		err = wrapped.Err
	}
	return t.Of(err)
}

// Of is what an error says, in the person's language.
func (t *Terminal) Of(err error) string { return reason.OfError(err).In(t.Language) }
