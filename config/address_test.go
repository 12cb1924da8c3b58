package config_test

import (
	"strings"
	"testing"

	"relais/config"
	"relais/config/section"
	"relais/reason"
)

func TestAddresses(t *testing.T) {
	for _, test := range []struct{ address, says string }{
		{"127.0.0.1:8080", ""},
		{":8080", ""},
		{"0.0.0.0:80", ""},
		{"[::1]:8080", ""},
		{"[::]:0", ""},
		{"localhost:8080", ""},
		{"sms.town.example:8080", ""},
		{"[fe80::1%eth0]:80", ""},
		{"*:8080", `a star is no address, write ":8080"`},
		{"8080", `the port alone is ":8080"`},
		{"::1:8080", `IPv6 stands in brackets: "[::1]:8080"`},
		{"::1", `the port is missing: "[::1]:8080"`},
		{"127.0.0.1", `the port is missing: "127.0.0.1:8080"`},
		{"localhost", `the port is missing: "localhost:8080"`},
		{"http://127.0.0.1:8080/", `no scheme: "127.0.0.1:8080"`},
		{"https://sms.town.example", "no scheme such as http://"},
		{"127.0.0.1:99999", "the port is a number up to 65535"},
		{"127.0.0.1:http", "the port is a number up to 65535"},
		{"127.0.0.1:+80", "the port is a number up to 65535"},
		{"127.0.0.1:080", "the port is a number up to 65535"},
		{"127.0.0.1:", "the port is a number up to 65535"},
		{"127.0.0.1:8080/", "the port is a number up to 65535"},
		{" 127.0.0.1:8080", "without white space"},
		{"256.1.1.1:80", "neither an IP address nor a name"},
		{"my_host:80", "neither an IP address nor a name"},
		{"", "want host:port"},
	} {
		t.Run(test.address, func(t *testing.T) {
			got := section.WrongAddress(test.address).In(reason.English)
			if (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
				t.Errorf("got %q, want %q", got, test.says)
			}
		})
	}
}

// TestFilesAsEditorsLeaveThem reads a configuration in each form.
func TestFilesAsEditorsLeaveThem(t *testing.T) {
	for _, test := range []struct{ name, text, want, wrong string }{
		{"a byte order mark", "\ufeffdefault_connector = ''\ndata = 'somewhere'\n", "somewhere", ""},
		{"line ends of Windows", "\ufeffdata = 'somewhere'\r\n[log]\r\nlevel = 'info'\r\n", "somewhere", ""},
		{"UTF-16", "\xff\xfed\x00a\x00t\x00a\x00=\x00'\x00s\x00'\x00\r\x00\n\x00", "s", ""},
		{"UTF-16 without a mark", "d\x00a\x00t\x00a\x00=\x00'\x00s\x00'\x00", "", "the file is in UTF-16 without its mark"},
		{"Windows-1252", "# r\xe9gie\ndata = 's'\n", "", "line 1 is not UTF-8"},
		{"a pattern in double quotes", "[reply.a]\ntext = 'ok'\npattern = \"^\\d{4}$\"\n", "", "pattern = '^\\d{4}$'"},
		{"a pattern that TOML has changed", "[reply.a]\ntext = 'ok'\npattern = \"\\bSTOP\\b\"\n", "", `control character of \b in double quotes`},
		{"a tab in a pattern", "[reply.a]\ntext = 'ok'\npattern = \"a\\tb\"\n", "", `control character of \t in double quotes`},
		{"an escape in a pattern", "[reply.a]\ntext = 'ok'\npattern = \"a\\u0001b\"\n", "", "the control character U+0001"},
		{"an account of Windows", "[mail]\nusername = \"TOWN\\relais\"\n", "", `control character of \r in double quotes`},
		{"a list", "[reply.a]\ntext = 'ok'\nkeyword = [\"\\boui\"]\n", "", `control character of \b in double quotes`},
		{"lines of a text", "data = 's'\n[reply.a]\nkeyword = ['a']\ntext = \"one\\ntwo\"\n", "s", ""},
		{"a pattern in single quotes", "data = 's'\n[reply.a]\ntext = 'ok'\npattern = '\\b\\d{4}$'\n", "s", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := config.Load(write(t, "relais.toml", test.text, 0o600), noEnvironment, providers())
			if (err != nil) != (test.wrong != "") || err != nil &&
				!strings.Contains(err.Error(), test.wrong) {
				t.Fatalf("error %v, want %q", err, test.wrong)
			}
			if got.Data != test.want {
				t.Errorf("data = %q, want %q", got.Data, test.want)
			}
		})
	}
}

// TestVariablesAsFilesLeaveThem reads the environment as a file of variables with
// line ends of Windows, or an engine that keeps quotes, gives it.
func TestVariablesAsFilesLeaveThem(t *testing.T) {
	const key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	got, err := config.Load("", environment(
		map[string]string{"RELAIS_SEAL_KEY": key + "\r", "RELAIS_DATA": "somewhere\r"},
	), config.Parts{})
	if err != nil || got.SealKey.Reveal() != key || got.Data != "somewhere" {
		t.Errorf("data %q, %v", got.Data, err)
	}
	_, err = config.Load("", environment(map[string]string{"RELAIS_SEAL_KEY": `"` + key + `"`}),
		config.Parts{})
	if err == nil || !strings.Contains(err.Error(), "it stands in quotes") ||
		strings.Contains(err.Error(), key) {
		t.Errorf("in quotes: %v", err)
	}
}
