package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"relais/connector"
	"relais/plaintext"
)

// maxSecret bounds a secret's file; a path to something else is found early.
const maxSecret = 64 << 10

// secretFile fills a secret from the file that its _file key names, unless the
// environment gives the secret itself.
func (l *loader) secretFile(at path, f field, n, child *node) {
	here, secretAt := at.To(f.key+"_file"), at.To(f.key)
	if text, ok := l.env("RELAIS_" + variable(secretAt.String())); ok && text != "" {
		return
	}
	secret, public, err := l.openSecret(f.key, n, child)
	if err != nil {
		l.complain(here, err.Error())
		l.faulty[secretAt.ID()] = true // the provider would only say that it is missing
		return
	}
	if public {
		l.cfg.Warnings = append(l.cfg.Warnings, fmt.Sprintf(
			"%s:%d: %s: everybody on this machine can read the file; chmod o-r takes the right away", l.file, child.line, here))
	}
	f.value.SetString(secret.Reveal())
	l.cameFrom(secretAt, f, origin{from: "file named on " + fmt.Sprintf("%s:%d", l.file, child.line)})
}

func (l *loader) openSecret(key string, n, child *node) (secret connector.Secret, public bool, err error) {
	if both := n.children[key]; both != nil {
		return "", false, fmt.Errorf("%s is set too, on line %d; keep one", key, both.line)
	}
	name, ok := child.value.(string)
	if !ok || name == "" {
		return "", false, errors.New("want the path of a file in quotes")
	}
	return readSecret(l.inFileDirectory(name))
}

// readSecret returns the secret in a regular file, and reports whether everybody may read it.
func readSecret(name string) (secret connector.Secret, public bool, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", false, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return "", false, errors.New("is not a regular file")
	}
	file, err := os.Open(name)
	if err != nil {
		return "", false, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", false, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	if len(data) > maxSecret {
		return "", false, fmt.Errorf("is longer than %d bytes, which is no secret", maxSecret)
	}
	decoded, err := plaintext.Decode(data)
	if err != nil {
		return "", false, err
	}
	text, err := plaintext.Secret(string(decoded))
	if err != nil {
		return "", false, err
	}
	if text == "" {
		return "", false, errors.New("the file is empty")
	}
	return connector.Secret(text), info.Mode().Perm()&0o004 != 0, nil
}

// withoutPath drops the path of a file error: a secret pasted where a path is
// wanted must not show.
func withoutPath(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
