package sfrdmc

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

const (
	// largestBatch is what batchSingleCall takes (DMC developer guide v1.7, 2.5.2).
	largestBatch = 20
	// contractRate is the calls a second that a customer may make, all
	// applications together. SFR may suspend a service that goes beyond,
	// without notice (DMC developer guide v1.7, 1.1.9.2).
	contractRate = 5
	// concurrency lets slow answers overlap at contractRate (our choice).
	concurrency = 4
)

// french is the language whose labels of results are documented.
const french = "fr_FR"

// longestOverlap keeps a poll from reading for ever (our choice).
const longestOverlap = 7 * 24 * time.Hour

// What batch_refusal may be.
const (
	sendApart = "apart"
	holdBatch = "hold"
)

// Config is the section of an instance.
type Config struct {
	BaseURL         string           `toml:"base_url" doc:"Address of the platform, without path."`
	Version         string           `toml:"version" doc:"Version of the API, which is a part of its address. Unicode texts need 1.5.6 at least."`
	ServiceID       string           `toml:"service_id" doc:"Number of the service (the contract)." example:"4100220033"`
	ServicePassword connector.Secret `toml:"service_password" doc:"\"API WS\" password of the service, which SFR mails to its administrator. It is not the extranet password." example:"k7Rw2pQz"`
	SpaceID         string           `toml:"space_id" doc:"Number of the space that sends." example:"70145"`
	Lang            string           `toml:"lang" doc:"Language of the operator's texts: fr_FR or en_GB. Labels of results are documented in French only."`
	Sender          string           `toml:"sender" doc:"Sender (OADC) of messages that name none. SFR must have declared it: DMC replaces an unknown one by the short code and says nothing. Empty shows the short code." example:"MAIRIE"`
	CheckSenders    bool             `toml:"check_senders" doc:"Refuse a sender that SFR does not list for the service before a message is stored; DMC would replace it by the short code, or not send. False leaves it to DMC, for lists that are wrong."`
	CallsPerSecond  float64          `toml:"calls_per_second" doc:"Most calls a second. The contract allows 5, all instances and applications of the customer together."`
	MaxBatch        int              `toml:"max_batch" doc:"Most messages in one call, 20 at most."`
	BatchRefusal    string           `toml:"batch_refusal" doc:"What a refusal of several messages in one call means, which no document tells: \"apart\" takes it that none was taken and sends each alone; \"hold\" leaves them uncertain, so that none is sent twice."`
	RefineErrors    bool             `toml:"refine_errors" doc:"A pushed failure has no reason that is documented. True asks for the report before the message ends, which takes a minute or a few; false ends it at once, for reason \"unknown\"."`
	ReportOverlap   time.Duration    `toml:"report_overlap" doc:"How far back each poll of reports and replies reaches. Longer finds what came later; shorter is faster above 500 messages in that time."`
	BroadcastID     string           `toml:"broadcast_id" doc:"Number of the technical broadcast that unit messages of the space share; a pushed report names it. With it, changes of any age are polled too, 50 a minute." example:"901000"`
	Timeout         time.Duration    `toml:"timeout" doc:"Longest time of one call. A call that takes longer leaves its messages uncertain."`
}

func newConfig() any {
	return &Config{
		BaseURL:        "https://www.dmc.sfr-sh.fr", // DMC developer guide v1.7, 1.1.6.1
		Version:        "1.5.8",                     // observed: the newest in common use
		Lang:           french,
		CheckSenders:   true,
		CallsPerSecond: contractRate,
		MaxBatch:       largestBatch,
		BatchRefusal:   sendApart,
		RefineErrors:   true,
		ReportOverlap:  6 * time.Hour,
		Timeout:        30 * time.Second,
	}
}

var (
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)
	langForm    = regexp.MustCompile(`^[A-Za-z]{2}_[A-Za-z]{2}$`)
	digitsForm  = regexp.MustCompile(`^[0-9]+$`)
)

// Validate checks every key and tells all that is wrong at once.
func (c *Config) Validate() error {
	return errors.Join(
		c.checkBaseURL(),
		check(versionForm.MatchString(c.Version), "version", whyVersion, nil),
		check(strings.TrimSpace(c.ServiceID) != "", "service_id", whyService, nil),
		check(c.ServicePassword != "", "service_password", whyPassword, nil),
		check(digitsForm.MatchString(c.SpaceID), "space_id", whySpaceID, nil),
		check(langForm.MatchString(c.Lang), "lang", whyLang, nil),
		c.checkSender(),
		check(c.CallsPerSecond > 0 && c.CallsPerSecond <= 1000, "calls_per_second", whyRate, nil),
		check(c.MaxBatch >= 1 && c.MaxBatch <= largestBatch, "max_batch", whyMaxBatch,
			reason.Args{"most": reason.Count(largestBatch)}),
		check(c.BatchRefusal == sendApart || c.BatchRefusal == holdBatch, "batch_refusal", whyRefusal, nil),
		check(c.ReportOverlap >= time.Minute && c.ReportOverlap <= longestOverlap,
			"report_overlap", whyOverlap, nil),
		check(c.BroadcastID == "" || digitsForm.MatchString(c.BroadcastID),
			"broadcast_id", whyBroadcast, nil),
		check(c.Timeout > 0, "timeout", whyTimeout, nil),
	)
}

func check(ok bool, key string, why reason.Code, args reason.Args) error {
	if ok {
		return nil
	}
	return &connector.ConfigError{Key: key, Reason: reason.Of(why, args)}
}

func (c *Config) checkBaseURL() error {
	u, err := url.Parse(c.BaseURL)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
	return check(ok, "base_url", whyURL, nil)
}

// checkSender knows the rule of names only (GSM 03.40, 9.1.2.5): SFR publishes
// none for the OADC.
func (c *Config) checkSender() error {
	tooLong := sms.Sender(c.Sender).Kind() == sms.Alphanumeric && len([]rune(c.Sender)) > sms.MaxSenderName
	return check(!tooLong, "sender", whySender, reason.Args{"most": reason.Count(sms.MaxSenderName)})
}

// Provider is the entry of the application's table.
func Provider() connector.Provider {
	return connector.Provider{
		Name:      "sfrdmc",
		Title:     "SFR Business DMC",
		NewConfig: newConfig,
		Open:      open,
	}
}

func open(config any, env connector.Env) (connector.Connector, connector.Facts, error) {
	c, ok := config.(*Config)
	if !ok {
		return nil, connector.Facts{}, fmt.Errorf("open sfrdmc: configuration is a %T, want %T", config, c)
	}
	return &instance{config: *c, env: env}, c.facts(), nil
}

// facts declares no kind of sender, because SFR publishes no syntax of the
// OADC, and no STOP clause, because DMC appends none.
func (c *Config) facts() connector.Facts {
	sender := sms.Sender(c.Sender).Kind()
	if c.Sender == "" { // the handset shows the short code (documented: online help)
		sender = sms.ShortCode
	}
	return connector.Facts{
		DefaultSender:  sender,
		CheckSenders:   c.CheckSenders,
		MaxBatch:       c.MaxBatch,
		CallsPerSecond: c.CallsPerSecond,
		Concurrency:    concurrency,
		Timeout:        c.Timeout,
		PollEvery:      pollEvery,
		StatusBatch:    mostIDs,
		// reports: "no more than once a minute" (DMC developer guide v1.7, 1.1.9.5)
		LookupEvery: pollEvery,
		Simulated:   connector.OnThisMachine(c.BaseURL),
	}
}
