package passerelle

import (
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relais/reason"
)

// Exported is an instance as an export of Passerelle describes it, ready to be
// one of ours.
type Exported struct {
	Instance
	Provider string // Passerelle's word for the operator
}

// The form of an export is inferred: resources with the name of their type, and
// API users with their keys.
type export struct {
	Resources []map[string]json.RawMessage `json:"resources"`
	APIUsers  []apiUser                    `json:"apiusers"`
}

type apiUser struct {
	Username string `json:"username"`
	KeyType  string `json:"keytype"`
	Key      string `json:"key"`
	Source   string `json:"ipsource"`
}

type resource struct {
	slug      string
	country   string
	trunk     string
	families  []string
	premium   bool
	maxLength int
	rights    []accessRight
	kind      string
}

type accessRight struct {
	Codename string `json:"codename"`
	APIUser  string `json:"apiuser"`
}

// smsTypes are the SMS connectors of Passerelle, by the first word of their type
// (inferred).
var smsTypes = []string{
	"ovh", "sfr_dmc", "orange", "sms_factor", "smsfactor", "oxyd", "mobyt", "choosit",
	"twilio",
}

// common are the keys of a resource that mean something here, or need no word.
var common = []string{
	"@type", "resource_type", "slug", "title", "description", "log_level", "default_country_code",
	"default_trunk_prefix", "authorized",
	"allow_premium_rate", "max_message_length", "access_rights", "credit_threshold_alert",
}

var regions = map[string]string{
	"33": "FR", "262": "RE", "590": "GP", "594": "GF", "596": "MQ", "508": "PM", "687": "NC", "689": "PF",
	"681": "WF", "32": "BE",
}

// ParseExport reads an export of Passerelle. The notes are sentences about what
// it holds and has no place here; they repeat no secret.
func ParseExport(data []byte) (all []Exported, notes []reason.Reason, err error) {
	var e export
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, nil, reason.Wrap(plainJSON(err), whyNoExport, nil)
	}
	if e.Resources == nil {
		return nil, nil, reason.Wrap(reason.NewError(whyNoResources, nil), whyNoExport, nil)
	}
	for n, fields := range e.Resources {
		one, told, ok := parseResource(fields, e.APIUsers)
		if one.Slug == "" && ok {
			told, ok = append(told, reason.Of(noteNoSlug, nil)), false
		}
		for _, note := range told {
			notes = append(notes, reason.Of(noteResource, reason.Args{
				"number": reason.Count(n + 1), "provider": reason.Name(one.Provider), "slug": reason.Name(one.Slug),
				"note": note,
			}))
		}
		if ok {
			all = append(all, one)
		}
	}
	return all, notes, nil
}

// plainJSON is what is wrong with a text that is not JSON, without the text.
func plainJSON(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return reason.NewError(whyOtherType, reason.Args{"field": reason.Name(wrong.Field)})
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return reason.NewError(whyNotJSONFrom, reason.Args{"byte": reason.Name(strconv.FormatInt(wrong.Offset, 10))})
	}
	return reason.NewError(whyNotJSON, nil)
}

func parseResource(
	fields map[string]json.RawMessage, users []apiUser,
) (one Exported, notes []reason.Reason, ok bool) {
	r := resource{country: "33", trunk: "0", maxLength: 2000, families: []string{"all"}}
	defaults := map[string]any{
		"slug": &r.slug, "default_country_code": &r.country, "default_trunk_prefix": &r.trunk,
		"authorized":         &r.families,
		"allow_premium_rate": &r.premium, "max_message_length": &r.maxLength, "access_rights": &r.rights,
		"resource_type": &r.kind,
	}
	for _, key := range slices.Sorted(maps.Keys(defaults)) {
		if raw, there := fields[key]; there && json.Unmarshal(raw, defaults[key]) != nil {
			notes = append(notes, reason.Of(noteType, reason.Args{"key": reason.Name(key)}))
		}
	}
	provider, _, _ := strings.Cut(r.kind, ".")
	one = Exported{Provider: provider, Instance: Instance{
		Name: r.slug, Slug: r.slug, Kind: strings.ReplaceAll(provider, "_", "-"), Special: r.premium,
		MaxLength: r.maxLength,
	}}
	if !slices.Contains(smsTypes, provider) {
		return one, append(notes, reason.Of(noteNoSMS, nil)), false
	}
	one.Region = regions[r.country]
	if one.Region == "" {
		notes = append(notes, reason.Of(noteCountry, nil))
	}
	if r.trunk != "0" {
		notes = append(notes, reason.Of(noteTrunk, nil))
	}
	one.Families, notes = families(r.families, notes)
	var told []reason.Reason
	one.Callers, told = callers(r.rights, users)
	notes = append(notes, told...)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(common, key) {
			notes = append(notes, reason.Of(noteOperator, reason.Args{"key": reason.Name(key)}))
		}
	}
	if _, there := fields["credit_threshold_alert"]; there {
		notes = append(notes, reason.Of(noteCredit, nil))
	}
	return one, notes, true
}

func families(given []string, notes []reason.Reason) (kept []string, all []reason.Reason) {
	for _, family := range given {
		if slices.Contains([]string{"fr-metro", "fr-domtom", "be", "all"}, family) {
			kept = append(kept, family)
		} else {
			notes = append(notes, reason.Of(noteFamily, reason.Args{"family": quoted(family)}))
		}
	}
	if len(kept) == 0 {
		return []string{"all"}, append(notes, reason.Of(noteNoFamily, nil))
	}
	return kept, notes
}

// callers are the API users with the right to send. An API key opened by HTTP
// Basic too, with the name of the user.
func callers(rights []accessRight, users []apiUser) (all []Caller, notes []reason.Reason) {
	for _, right := range rights {
		if right.Codename != "can_send_messages" {
			notes = append(notes, reason.Of(noteRight, reason.Args{"right": quoted(right.Codename)}))
			continue
		}
		at := slices.IndexFunc(users, func(u apiUser) bool { return u.Username == right.APIUser })
		if at < 0 {
			notes = append(notes, reason.Of(noteNoUser, reason.Args{"user": quoted(right.APIUser)}))
			continue
		}
		found, note := users[at].callers()
		all = append(all, found...)
		if !note.IsZero() {
			notes = append(notes, reason.Of(noteUser, reason.Args{"user": quoted(right.APIUser), "note": note}))
		}
	}
	return all, notes
}

func (u apiUser) callers() (all []Caller, note reason.Reason) {
	one := Caller{ID: u.Username, Secret: u.Key}
	if u.Source != "" {
		address, err := netip.ParseAddr(u.Source)
		if err != nil {
			return nil, reason.Of(noteAddress, nil)
		}
		one.Addresses = Networks{netip.PrefixFrom(address, address.BitLen())}
	}
	switch u.KeyType {
	case "SIGN":
		one.Kind, one.Orig = Signature, u.Username
	case "API":
		basic := one
		basic.ID, basic.Kind, basic.Username = u.Username+"-basic", Basic, u.Username
		one.Kind = APIKey
		return []Caller{one, basic}, reason.Reason{}
	case "":
		one.Kind, one.Secret = Open, ""
	default:
		return nil, reason.Of(noteKeyKind, nil)
	}
	return []Caller{one}, reason.Reason{}
}

// quoted is a word of the export inside a sentence.
func quoted(word string) reason.Name { return reason.Name(strconv.Quote(word)) }

// service is an entry of the list by which the parts of a Publik platform know
// one another (documented: title, url, secret, orig; inferred: verif_orig).
type service struct {
	URL       string `json:"url"`
	Secret    string `json:"secret"`
	VerifOrig string `json:"verif_orig"`
}

// ParseKnownServices reads a platform's list of services: each may send, and
// signs with its secret, as the name that verif_orig tells, else as its host.
func ParseKnownServices(data []byte) (all []Caller, err error) {
	var wrapped struct {
		Known map[string]map[string]service `json:"KNOWN_SERVICES"`
	}
	var kinds map[string]map[string]service
	if err := json.Unmarshal(data, &wrapped); err != nil {
		return nil, plainJSON(err)
	}
	if kinds = wrapped.Known; kinds == nil {
		if err := json.Unmarshal(data, &kinds); err != nil {
			return nil, plainJSON(err)
		}
	}
	known := map[string]bool{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		for _, slug := range slices.Sorted(maps.Keys(kinds[kind])) {
			s := kinds[kind][slug]
			orig := s.VerifOrig
			if address, err := url.Parse(s.URL); orig == "" && err == nil {
				orig = address.Hostname()
			}
			if s.Secret == "" || orig == "" || known[orig] {
				continue // it never calls, or signs as one that is there
			}
			known[orig] = true
			all = append(all, Caller{ID: kind + "." + slug, Kind: Signature, Orig: orig, Secret: s.Secret})
		}
	}
	return all, nil
}
