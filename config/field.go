package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/connector"
)

var (
	durationType   = reflect.TypeFor[time.Duration]()
	secretType     = reflect.TypeFor[connector.Secret]()
	connectorsType = reflect.TypeFor[[]Connector]()
	routesType     = reflect.TypeFor[[]Route]()
	repliesType    = reflect.TypeFor[[]Reply]()
	quotasType     = reflect.TypeFor[[]Quota]()
)

// field is a key that a struct takes.
type field struct {
	key, doc, example string
	value             reflect.Value
}

// fieldsOf lists the keys of the struct that v is or points to, in order. A
// field without a toml tag is no key.
func fieldsOf(v reflect.Value) []field {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var fields []field
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		key, _, _ := strings.Cut(tag.Get("toml"), ",")
		if key == "" || key == "-" || !v.Field(i).CanSet() {
			continue
		}
		fields = append(fields, field{key, tag.Get("doc"), tag.Get("example"), v.Field(i)})
	}
	return fields
}

func (f field) secret() bool { return f.value.Type() == secretType }

// group tells whether the key is a table of further keys.
func (f field) group() bool {
	t := f.value.Type()
	return f.named() || t == connectorsType || f.rules() || f.value.Kind() == reflect.Struct && !textual(f.value)
}

// named tells whether the key is a table of sections, each with a name that is
// the person's to choose and whose order does not count.
func (f field) named() bool {
	t := f.value.Type()
	return t.Kind() == reflect.Map && t.Elem().Kind() == reflect.Struct
}

// freshSection is a section of a named table as it is without a line in the
// file, and a pointer to it.
func freshSection(t reflect.Type) reflect.Value {
	section := reflect.New(t)
	switch s := section.Interface().(type) {
	case *Account:
		*s = defaultAccount()
	case *Policy:
		*s = defaultPolicy()
	case *Passerelle:
		*s = defaultPasserelle()
	case *OVH:
		*s = defaultOVH()
	case *Kannel:
		*s = defaultKannel()
	case *Alertmanager:
		*s = defaultAlertmanager()
	}
	return section
}

// hasSecret tells whether a section holds one: then the environment may give it.
func hasSecret(section reflect.Value) bool {
	return slices.ContainsFunc(fieldsOf(section), field.secret)
}

// rules tells whether the key is a list of rules, each a table with a name,
// whose order counts.
func (f field) rules() bool {
	t := f.value.Type()
	return t == routesType || t == repliesType || t == quotasType
}

// textual tells whether v reads itself from text.
func textual(v reflect.Value) bool {
	_, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr())
	return ok
}

// set gives v the value raw of the file. The error tells what would be right
// and shows nothing of raw.
func set(v reflect.Value, raw any) error {
	switch {
	case v.Kind() == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if err := set(fresh.Elem(), raw); err != nil {
			return err
		}
		v.Set(fresh)
		return nil
	case v.Type() == durationType:
		return setDuration(v, raw)
	case textual(v):
		return setText(v, raw)
	case v.Kind() == reflect.Slice:
		return setSlice(v, raw)
	case v.Kind() == reflect.Map:
		return setMap(v, raw)
	default:
		return setScalar(v, raw)
	}
}

func setDuration(v reflect.Value, raw any) error {
	const want = `want a duration in quotes such as "30s", "5m" or "1h30m"`
	text, ok := raw.(string)
	if !ok {
		return fmt.Errorf("%s, got %s", want, kindOf(raw))
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%s; a number alone has no unit", want)
	}
	v.SetInt(int64(d))
	return nil
}

func setText(v reflect.Value, raw any) error {
	text, ok := raw.(string)
	if !ok {
		return fmt.Errorf("want text in quotes, got %s", kindOf(raw))
	}
	// The type's own error may repeat the text, hence the plain answer.
	if v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
		return fmt.Errorf("this text is no %s", v.Type())
	}
	return nil
}

func setSlice(v reflect.Value, raw any) error {
	items, ok := raw.([]any)
	if !ok {
		return fmt.Errorf("want a list in brackets, got %s", kindOf(raw))
	}
	fresh := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := set(fresh.Index(i), item); err != nil {
			return fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	v.Set(fresh)
	return nil
}

func setMap(v reflect.Value, raw any) error {
	entries, ok := raw.(map[string]any)
	if !ok {
		return fmt.Errorf("want a table, got %s", kindOf(raw))
	}
	fresh := reflect.MakeMap(v.Type())
	for key, item := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		if err := set(value, item); err != nil {
			return fmt.Errorf("entry %q: %w", key, err)
		}
		fresh.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	v.Set(fresh)
	return nil
}

func setScalar(v reflect.Value, raw any) error {
	switch value := raw.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(value)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return nil
		}
	case float64:
		if v.CanFloat() && !math.IsInf(value, 0) && !math.IsNaN(value) {
			v.SetFloat(value)
			return nil
		}
	case int64:
		return setInteger(v, value)
	}
	return fmt.Errorf("want %s, got %s", wanted(v), kindOf(raw))
}

func setInteger(v reflect.Value, value int64) error {
	switch {
	case v.CanFloat():
		v.SetFloat(float64(value))
	case v.CanInt() && !v.OverflowInt(value):
		v.SetInt(value)
	case v.CanUint() && value >= 0 && !v.OverflowUint(uint64(value)):
		v.SetUint(uint64(value))
	case v.CanInt(), v.CanUint():
		return fmt.Errorf("this number is too large or too small")
	default:
		return fmt.Errorf("want %s, got a number", wanted(v))
	}
	return nil
}

func wanted(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return "true or false without quotes"
	case v.CanInt(), v.CanUint():
		return "a whole number without quotes"
	case v.CanFloat():
		return "a number without quotes"
	default:
		return "text in quotes"
	}
}

func kindOf(raw any) string {
	switch value := raw.(type) {
	case string:
		return "text"
	case bool:
		return "true or false"
	case int64:
		return "a number"
	case float64:
		if math.IsInf(value, 0) || math.IsNaN(value) {
			return "inf or nan"
		}
		return "a number with decimals"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return "a date or time"
	}
}

// fromText reads the text of an environment variable as the file would hold
// the value: a list is parted by commas.
func fromText(v reflect.Value, text string) any {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		v = reflect.New(t.Elem()).Elem()
		t = v.Type()
	}
	if t == durationType || textual(v) {
		return text
	}
	if v.Kind() == reflect.Slice {
		var items []any
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, fromText(reflect.New(t.Elem()).Elem(), strings.TrimSpace(item)))
		}
		return items
	}
	if b, err := strconv.ParseBool(text); err == nil && v.Kind() == reflect.Bool {
		return b
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && (v.CanInt() || v.CanUint() || v.CanFloat()) {
		return n
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && v.CanFloat() {
		return n
	}
	return text
}

// literal writes v as TOML, a secret hidden. It returns "" for what is unset.
func literal(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case connector.Secret:
		return quote(value.String())
	case time.Duration:
		return quote(shortDuration(value))
	}
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return literal(v.Elem())
	case v.Kind() == reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case v.Kind() == reflect.Map:
		var entries []string
		for it := v.MapRange(); it.Next(); {
			entries = append(entries, quote(it.Key().String())+" = "+literal(it.Value()))
		}
		slices.Sort(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case v.CanInt(), v.CanUint(), v.Kind() == reflect.Bool:
		return fmt.Sprint(v.Interface())
	}
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		text, _ := m.MarshalText()
		return quote(string(text))
	}
	return quote(v.String())
}

// quote writes a TOML basic string: a JSON string, save that TOML wants DEL
// escaped too.
func quote(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

// shortDuration is d without the zero units that time.Duration adds.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
