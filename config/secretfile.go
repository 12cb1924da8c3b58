package config

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"relais/config/effect"
	"relais/connector"
	"relais/plaintext"
	"relais/reason"
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
	secret, public, wrong := l.openSecret(f.key, n, child)
	if !wrong.IsZero() {
		l.complain(here, wrong)
		l.faulty[secretAt.ID()] = true // the provider would only say that it is missing
		return
	}
	if public {
		l.cfg.Warnings = append(l.cfg.Warnings, reason.Of(whySecretPublic, reason.Args{
			"file": reason.Name(l.file), "line": reason.Count(child.line), "key": reason.Name(here.String()),
		}))
	}
	f.value.SetString(secret.Reveal())
	l.cameFrom(secretAt, f, effect.Origin{Kind: effect.SecretFile, File: l.file, Line: child.line})
}

func (l *loader) openSecret(
	key string, n, child *node,
) (secret connector.Secret, public bool, wrong reason.Reason) {
	if both := n.children[key]; both != nil {
		return "", false, reason.Of(whySecretBoth, reason.Args{
			"key": reason.Name(key), "line": reason.Count(both.line),
		})
	}
	name, ok := child.value.(string)
	if !ok || name == "" {
		return "", false, reason.Of(whySecretPath, nil)
	}
	return readSecret(l.inFileDirectory(name))
}

// readSecret returns the secret in a regular file, and reports whether everybody may read it.
func readSecret(name string) (secret connector.Secret, public bool, wrong reason.Reason) {
	info, err := os.Stat(name)
	if err != nil {
		return "", false, unreadable(withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return "", false, reason.Of(whySecretIrregular, nil)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", false, unreadable(withoutPath(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", false, unreadable(withoutPath(err))
	}
	if len(data) > maxSecret {
		return "", false, reason.Of(whySecretLong, reason.Args{"most": reason.Count(maxSecret)})
	}
	decoded, err := plaintext.Decode(data)
	if err != nil {
		return "", false, reason.OfError(err)
	}
	text, err := plaintext.Secret(string(decoded))
	if err != nil {
		return "", false, reason.OfError(err)
	}
	if text == "" {
		return "", false, reason.Of(whySecretEmpty, nil)
	}
	return connector.Secret(text), info.Mode().Perm()&0o004 != 0, reason.Reason{}
}

// unreadable is a file that the system does not give, with its reason.
func unreadable(err error) reason.Reason {
	return reason.Of(whyUnreadable, reason.Args{"why": reason.OfError(err)})
}

// withoutPath drops the path of a file error: a secret pasted where a path is
// wanted must not show.
func withoutPath(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
