package passerelle

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
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
func ParseExport(data []byte) (all []Exported, notes []string, err error) {
	var e export
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, nil, fmt.Errorf("this is no export of Passerelle: %w", errors.New(plainJSON(err)))
	}
	if e.Resources == nil {
		return nil, nil, errors.New(`this is no export of Passerelle: it has no "resources"`)
	}
	for n, fields := range e.Resources {
		one, told, ok := parseResource(fields, e.APIUsers)
		if one.Slug == "" && ok {
			told, ok = append(told, "it has no slug and is left out"), false
		}
		for _, note := range told {
			notes = append(notes, fmt.Sprintf("resource %d (%s %s): %s", n+1, one.Provider, one.Slug, note))
		}
		if ok {
			all = append(all, one)
		}
	}
	return all, notes, nil
}

// plainJSON is what is wrong with a text that is not JSON, without the text.
func plainJSON(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return "the value of " + wrong.Field + " is of another type"
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("it is not JSON from byte %d", wrong.Offset)
	}
	return "it is not JSON"
}

func parseResource(
	fields map[string]json.RawMessage, users []apiUser,
) (one Exported, notes []string, ok bool) {
	r := resource{country: "33", trunk: "0", maxLength: 2000, families: []string{"all"}}
	for key, into := range map[string]any{
		"slug": &r.slug, "default_country_code": &r.country, "default_trunk_prefix": &r.trunk,
		"authorized":         &r.families,
		"allow_premium_rate": &r.premium, "max_message_length": &r.maxLength, "access_rights": &r.rights,
		"resource_type": &r.kind,
	} {
		if raw, there := fields[key]; there && json.Unmarshal(raw, into) != nil {
			notes = append(notes, key+" has an unexpected type and its default is used")
		}
	}
	slices.Sort(notes)
	provider, _, _ := strings.Cut(r.kind, ".")
	one = Exported{Provider: provider, Instance: Instance{
		Name: r.slug, Slug: r.slug, Kind: strings.ReplaceAll(provider, "_", "-"), Special: r.premium,
		MaxLength: r.maxLength,
	}}
	if !slices.Contains(smsTypes, provider) {
		return one, append(notes, "it is no SMS connector and is left out"), false
	}
	one.Region = regions[r.country]
	if one.Region == "" {
		notes = append(notes, "default_country_code: no country is known for it; set default_region")
	}
	if r.trunk != "0" {
		notes = append(notes, "default_trunk_prefix: the prefix of the country is used")
	}
	one.Families, notes = families(r.families, notes)
	var told []string
	one.Callers, told = callers(r.rights, users)
	notes = append(notes, told...)
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(common, key) {
			notes = append(notes, key+": it belongs to the operator; set it in the section of a connector")
		}
	}
	if _, there := fields["credit_threshold_alert"]; there {
		notes = append(notes, "credit_threshold_alert: set credit_alert in the section of the connector")
	}
	return one, notes, true
}

func families(given, notes []string) (kept, all []string) {
	for _, family := range given {
		if slices.Contains([]string{"fr-metro", "fr-domtom", "be", "all"}, family) {
			kept = append(kept, family)
		} else {
			notes = append(notes, fmt.Sprintf("authorized: %q is no family and is left out", family))
		}
	}
	if len(kept) == 0 {
		return []string{"all"}, append(notes, "authorized: no family is left; all is used")
	}
	return kept, notes
}

// callers are the API users with the right to send. An API key opened by HTTP
// Basic too, with the name of the user.
func callers(rights []accessRight, users []apiUser) (all []Caller, notes []string) {
	for _, right := range rights {
		if right.Codename != "can_send_messages" {
			notes = append(notes, fmt.Sprintf("access_rights: %q has no counterpart", right.Codename))
			continue
		}
		at := slices.IndexFunc(users, func(u apiUser) bool { return u.Username == right.APIUser })
		if at < 0 {
			notes = append(notes, fmt.Sprintf("access_rights: the API user %q is not in the file",
				right.APIUser))
			continue
		}
		found, note := users[at].callers()
		all = append(all, found...)
		if note != "" {
			notes = append(notes, fmt.Sprintf("API user %q: %s", right.APIUser, note))
		}
	}
	return all, notes
}

func (u apiUser) callers() (all []Caller, note string) {
	one := Caller{ID: u.Username, Secret: u.Key}
	if u.Source != "" {
		address, err := netip.ParseAddr(u.Source)
		if err != nil {
			return nil, "its address cannot be read, so it is left out"
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
		return []Caller{one, basic}, ""
	case "":
		one.Kind, one.Secret = Open, ""
	default:
		return nil, "its kind of key is unknown, so it is left out"
	}
	return []Caller{one}, ""
}

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
		return nil, errors.New(plainJSON(err))
	}
	if kinds = wrapped.Known; kinds == nil {
		if err := json.Unmarshal(data, &kinds); err != nil {
			return nil, errors.New(plainJSON(err))
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
