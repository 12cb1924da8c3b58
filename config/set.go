package config

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"time"
)

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
