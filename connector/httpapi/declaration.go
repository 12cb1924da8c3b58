package httpapi

// written is a declaration as its file says it. Tags are the keys; compile.go judges the
// values, and docs/connectors/http.md has a line for each.
type written struct {
	Version    int      `toml:"version"`
	Title      string   `toml:"title"`
	Page       string   `toml:"page"`
	Country    string   `toml:"country"` // where its head office is (ISO 3166-1)
	BaseURL    string   `toml:"base_url"`
	OwnBaseURL bool     `toml:"own_base_url"` // an instance may name another address
	Wants      []string `toml:"wants"`        // settings that an instance must have
	Number     string   `toml:"number"`       // form of {to}, and of a sender that is a number
	OnlyTo     string   `toml:"only_to"`      // the one number that it sends to; empty: any
	Senders    []string `toml:"senders"`      // kinds that the operator takes; none: any

	CallsPerSecond float64 `toml:"calls_per_second"`
	PollEvery      string  `toml:"poll_every"`
	Concurrency    int     `toml:"concurrency"`
	Timeout        string  `toml:"timeout"`

	Auth      writtenAuth               `toml:"auth"`
	Token     *writtenToken             `toml:"token"`
	Words     map[string]map[string]any `toml:"words"` // what a placeholder's values are called
	Send      writtenCall               `toml:"send"`
	Receipts  *writtenCallback          `toml:"receipts"`
	Replies   *writtenCallback          `toml:"replies"`
	Blocks    *writtenCallback          `toml:"blocks"`
	Signature *writtenSignature         `toml:"signature"`
	Credit    *writtenCall              `toml:"credit"`
	Lookup    *writtenCall              `toml:"lookup"`
	Check     *writtenCall              `toml:"check"`
}

type writtenAuth struct {
	Kind      string `toml:"kind"`
	User      string `toml:"user"`
	Password  string `toml:"password"`
	Header    string `toml:"header"`
	Parameter string `toml:"parameter"`
	Value     string `toml:"value"`
}

// writtenToken is the call that obtains what {token} stands for, for a while.
type writtenToken struct {
	writtenCall
	Auth     writtenAuth `toml:"auth"`
	At       string      `toml:"at"`       // where the token is
	Lasts    string      `toml:"lasts"`    // where the seconds are that it lasts
	Lifetime string      `toml:"lifetime"` // how long it lasts where no answer says it
}

// writtenCall is a call: [send], [credit], [lookup] or [check].
type writtenCall struct {
	Method  string            `toml:"method"`
	Path    string            `toml:"path"`
	Query   map[string]any    `toml:"query"`
	Headers map[string]string `toml:"headers"`
	Body    string            `toml:"body"`
	Charset string            `toml:"charset"`
	Fields  map[string]any    `toml:"fields"`
	XML     string            `toml:"xml"`
	Answers string            `toml:"answers"`
	Pattern string            `toml:"pattern"`

	Rules []writtenRule `toml:"rule"` // of [send]

	// Of the other calls: the one answer that is good, and what is read of it.
	Status any            `toml:"status"`
	Where  map[string]any `toml:"where"`
	ID     string         `toml:"id"`     // of [lookup]
	Amount string         `toml:"amount"` // of [credit]
	Unit   string         `toml:"unit"`   // of [credit]
	UnitAt string         `toml:"unit_at"`
}

type writtenRule struct {
	Status    any            `toml:"status"`
	Where     map[string]any `toml:"where"`
	Then      string         `toml:"then"`
	ID        string         `toml:"id"`
	IDPattern string         `toml:"id_pattern"` // what of it is the id
	WithoutID bool           `toml:"without_id"`
	Code      string         `toml:"code"`
	Detail    string         `toml:"detail"`
	Say       string         `toml:"say"` // what is shown where the answer has no words
}

// writtenCallback is what the operator pushes: [receipts], [replies] or [blocks].
type writtenCallback struct {
	Path    string         `toml:"path"`
	Query   string         `toml:"query"` // behind the path, in the address that is set at the operator
	Method  string         `toml:"method"`
	Body    string         `toml:"body"`
	Charset string         `toml:"charset"`
	Each    string         `toml:"each"` // where a list stands that tells of one thing in each element
	Where   map[string]any `toml:"where"`
	Answer  *writtenAnswer `toml:"answer"`

	ID         string `toml:"id"`
	Ref        string `toml:"ref"`
	RefPattern string `toml:"ref_pattern"` // what of the text at Ref is the reference
	At         string `toml:"at"`
	AtFormat   string `toml:"at_format"`
	Zone       string `toml:"zone"`

	// Of receipts.
	Status  string            `toml:"status"`
	Code    string            `toml:"code"`
	Text    string            `toml:"text"` // of replies too
	Number  string            `toml:"number"`
	States  map[string]string `toml:"states"`
	Reasons map[string]string `toml:"reasons"`

	// Of receipts for each part of a long message.
	Parts        string `toml:"parts"` // how many there are
	PartsPattern string `toml:"parts_pattern"`
	Part         string `toml:"part"` // which one it is

	// Of replies.
	From    string `toml:"from"`
	To      string `toml:"to"`
	Answers string `toml:"answers"` // the operator's id of the message that is answered

	TextCharset string `toml:"text_charset"` // where the charset of the text stands, whose octets are escaped

	Poll []writtenPoll `toml:"poll"` // the calls that fetch it
}

// writtenPoll is a call that fetches what is not pushed, or what was pushed in vain.
type writtenPoll struct {
	writtenCall
	SinceFormat string `toml:"since_format"` // of {since} and {until}
	Zone        string `toml:"zone"`
	Overlap     string `toml:"overlap"`   // how far {since} reaches back
	PageFrom    *int   `toml:"page_from"` // number of the first {page}
	Next        string `toml:"next"`      // where the answer has the next {cursor}
	Drained     bool   `toml:"drained"`   // what was told is gone from the list: it is asked again until it is empty
}

type writtenAnswer struct {
	Type string `toml:"type"`
	Body string `toml:"body"`
}

type writtenSignature struct {
	Kind      string   `toml:"kind"`
	Header    string   `toml:"header"`    // where the signature stands; one of the two
	Parameter string   `toml:"parameter"` // of the query or of the form
	Prefix    string   `toml:"prefix"`
	Encoding  string   `toml:"encoding"`
	Key       string   `toml:"key"`
	Over      []string `toml:"over"`
	Join      string   `toml:"join"`
	Time      string   `toml:"time"`   // where the moment of signing stands, in Unix seconds
	Within    string   `toml:"within"` // how far it may be from now

	// Of a token (JWT).
	Claims    map[string]string `toml:"claims"`     // what it must say
	URLClaim  string            `toml:"url_claim"`  // has the SHA-256 of the address, in hexadecimal
	BodyClaim string            `toml:"body_claim"` // has that of the body
}
