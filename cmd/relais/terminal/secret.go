package terminal

import (
	"errors"
	"os"

	"relais/plaintext"
)

// SecretIn reads the secret that a file holds.
func (t *Terminal) SecretIn(name string) (string, error) {
	data, err := plaintext.ReadFile(name)
	if err != nil {
		return "", t.Failed(Pathless(err), "file_unreadable", "file", name)
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

// Pathless keeps the reason of a file error: the path is in our sentence.
func Pathless(err error) error {
	if Wrapped, ok := errors.AsType[*os.PathError](err); ok {
		return Wrapped.Err
	}
	return err
}
