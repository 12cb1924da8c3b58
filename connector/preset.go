package connector

// Preset is an operator whose API comes described with the program: what it tells, and what has to
// be told about it.
type Preset struct {
	Name    string `json:"name"` // value of `preset` in a section: "brevo"
	Title   string `json:"title"`
	Country string `json:"country,omitempty"` // ISO 3166-1 code of where its head office is; empty: nobody wrote it down
	Page    string `json:"page,omitempty"`    // where the operator documents its API

	Receipts bool `json:"receipts"`
	Replies  bool `json:"replies"`
	Stops    bool `json:"stops"`   // it tells which numbers are blocked
	Signed   bool `json:"signed"`  // it can sign what it pushes
	Credit   bool `json:"credit"`  // it tells what is left
	Proof    bool `json:"proof"`   // it can be asked about a message in doubt
	Checked  bool `json:"checked"` // the credentials can be tried without a message

	Settings []PresetSetting `json:"settings"`
	Pushes   []Push          `json:"pushes"`
	Notes    []string        `json:"notes"` // what its declaration says above all, a text for each paragraph, in English
}

// PresetSetting is one that the section of a preset has beside its name.
type PresetSetting struct {
	Key      string `json:"key"`
	Required bool   `json:"required"`
	Secret   bool   `json:"secret"`
	Example  string `json:"example,omitempty"` // of a value; of base_url the one that holds without it
}

// Push is an address that the operator calls.
type Push struct {
	Tells      []string `json:"tells"` // of receipts, replies and stops
	Method     string   `json:"method"`
	Path       string   `json:"path"`        // behind the address of `relais callbacks`
	InMessages bool     `json:"in_messages"` // each message brings the address: nobody has to set it at the operator
}

// Keeping is where the secrets of a section stand.
type Keeping string

// The places of secrets that a configuration reads. A secret is never written into a section.
const (
	InFile        Keeping = "file"
	InEnvironment Keeping = "environment"
)

// Choice is a preset with what a person filled in, before it is a section of the configuration.
type Choice struct {
	Preset   string
	Instance string            // name of the connector that it is to be
	Given    map[string]string // by the key of a setting
	Keep     Keeping           // empty: InFile
}

// Written is a section of the configuration, and where its secrets belong.
type Written struct {
	Section string        `json:"section"` // TOML, without any secret
	Secrets []SecretPlace `json:"secrets"`
}

// SecretPlace is where one secret of a section belongs: a file beside the configuration, or an
// environment variable.
type SecretPlace struct {
	Key      string `json:"key"`
	File     string `json:"file,omitempty"`
	Variable string `json:"variable,omitempty"`
	Optional bool   `json:"optional"` // the section has its line as a comment
}

// Tried is what came of trying a choice, without a message.
type Tried struct {
	Request  []string  // that a message would lead to, line by line, with the secrets hidden
	Asked    []string  // the call that tried the credentials, in the same way; nil: the operator has none
	Findings []Finding // what came back, and what else there is to say
	Balance  *Balance  // nil: it does not tell, or was not asked
}

// Works reports whether nothing that was found keeps messages from leaving.
func (t *Tried) Works() bool {
	for _, f := range t.Findings {
		if f.Level == Failure {
			return false
		}
	}
	return true
}
