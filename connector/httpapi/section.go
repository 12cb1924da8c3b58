package httpapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"relais/connector"
)

// Section writes the section of a choice. The secrets do not stand in it, given or not; the rest is
// judged as a configuration is. The error joins a *connector.ConfigError for each setting that is
// wrong.
func Section(c connector.Choice) (connector.Written, error) {
	if err := withoutSecrets(c, configOf(c).Validate()); err != nil {
		return connector.Written{}, err
	}
	of, _ := Described(c.Preset)
	var w connector.Written
	var b strings.Builder
	fmt.Fprintf(&b, "[connector.%s]\nprovider = \"http\"\npreset = %s\n", c.Instance, quoted(c.Preset))
	for _, s := range inSection(of.Settings) {
		switch {
		case s.Secret:
			place := placeOf(&c, s)
			w.Secrets = append(w.Secrets, place)
			b.WriteString(lineOf(&place))
		case c.Given[s.Key] != "":
			fmt.Fprintf(&b, "%s = %s\n", s.Key, quoted(c.Given[s.Key]))
		}
	}
	w.Section = b.String()
	return w, nil
}

// configOf is a choice as a section that was read.
func configOf(c connector.Choice) *Config {
	given := c.Given
	return &Config{
		Preset: c.Preset, BaseURL: given["base_url"], Login: given["login"], Profile: given["profile"], Key: connector.Secret(given["key"]),
		Secret: connector.Secret(given["secret"]), SigningKey: connector.Secret(given["signing_key"]), Sender: given["sender"],
	}
}

// withoutSecrets leaves out what an error says of secrets that were not given: they do not stand in
// the section.
func withoutSecrets(c connector.Choice, err error) error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var rest []error
	for _, one := range joined.Unwrap() {
		wrong, ok := errors.AsType[*connector.ConfigError](one)
		if ok && placeholders[wrong.Key] == ofSecret && c.Given[wrong.Key] == "" && isSetting(wrong.Key) {
			continue
		}
		rest = append(rest, one)
	}
	return errors.Join(rest...)
}

func isSetting(key string) bool { return slices.Contains(settingNames, key) }

// inSection are settings in the order in which a section reads best.
func inSection(settings []connector.PresetSetting) []connector.PresetSetting {
	order := append([]string{"base_url"}, settingNames...)
	sorted := slices.Clone(settings)
	slices.SortStableFunc(sorted, func(a, b connector.PresetSetting) int {
		return slices.Index(order, a.Key) - slices.Index(order, b.Key)
	})
	return sorted
}

// filesOf are the ends of the names of files with secrets, as the pages of the presets have them.
var filesOf = map[string]string{"key": ".key", "secret": ".secret", "signing_key": ".signing"}

func placeOf(c *connector.Choice, s connector.PresetSetting) connector.SecretPlace {
	place := connector.SecretPlace{Key: s.Key, Optional: !s.Required && c.Given[s.Key] == ""}
	if c.Keep == connector.InEnvironment {
		name := "CONNECTOR_" + c.Instance + "_" + s.Key
		place.Variable = "RELAIS_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		return place
	}
	place.File = c.Instance + filesOf[s.Key]
	return place
}

// lineOf is the line of a secret; one that is in the environment has none but a comment.
func lineOf(p *connector.SecretPlace) string {
	switch {
	case p.Variable != "":
		return fmt.Sprintf("# %s: %s\n", p.Key, p.Variable)
	case p.Optional:
		return fmt.Sprintf("# %s_file = %s\n", p.Key, quoted(p.File))
	default:
		return fmt.Sprintf("%s_file = %s\n", p.Key, quoted(p.File))
	}
}
