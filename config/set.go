package config

import (
	"encoding"
	"math"
	"reflect"
	"time"

	"relais/config/section"
	"relais/reason"
)

// set gives v the value raw of the file, or says what would be right; it shows nothing
// of raw.
func set(v reflect.Value, raw any) reason.Reason {
	switch {
	case v.Kind() == reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		if wrong := set(fresh.Elem(), raw); !wrong.IsZero() {
			return wrong
		}
		v.Set(fresh)
		return reason.Reason{}
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

func setDuration(v reflect.Value, raw any) reason.Reason {
	text, ok := raw.(string)
	if !ok {
		return reason.Of(whyDuration, reason.Args{"kind": kindOf(raw)})
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return reason.Of(whyDurationUnit, nil)
	}
	v.SetInt(int64(d))
	return reason.Reason{}
}

func setText(v reflect.Value, raw any) reason.Reason {
	text, ok := raw.(string)
	if !ok {
		return wrongKind(whyWantedText, raw)
	}
	// The type's own error may repeat the text, hence the plain answer.
	if v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
		return reason.Of(whyNoSuchText, reason.Args{"type": reason.Name(v.Type().String())})
	}
	return reason.Reason{}
}

func setSlice(v reflect.Value, raw any) reason.Reason {
	items, ok := raw.([]any)
	if !ok {
		return wrongKind(whyWantedList, raw)
	}
	fresh := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if wrong := set(fresh.Index(i), item); !wrong.IsZero() {
			return reason.Of(whyItem, reason.Args{"item": reason.Count(i + 1), "why": wrong})
		}
	}
	v.Set(fresh)
	return reason.Reason{}
}

func setMap(v reflect.Value, raw any) reason.Reason {
	entries, ok := raw.(map[string]any)
	if !ok {
		return wrongKind(whyWantedTable, raw)
	}
	fresh := reflect.MakeMap(v.Type())
	for key, item := range entries {
		value := reflect.New(v.Type().Elem()).Elem()
		if wrong := set(value, item); !wrong.IsZero() {
			return reason.Of(whyEntry, reason.Args{"key": section.Quoted(key), "why": wrong})
		}
		fresh.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), value)
	}
	v.Set(fresh)
	return reason.Reason{}
}

func setScalar(v reflect.Value, raw any) reason.Reason {
	switch value := raw.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(value)
			return reason.Reason{}
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return reason.Reason{}
		}
	case float64:
		if v.CanFloat() && !math.IsInf(value, 0) && !math.IsNaN(value) {
			v.SetFloat(value)
			return reason.Reason{}
		}
	case int64:
		return setInteger(v, value)
	}
	return wrongKind(wanted(v), raw)
}

func setInteger(v reflect.Value, value int64) reason.Reason {
	switch {
	case v.CanFloat():
		v.SetFloat(float64(value))
	case v.CanInt() && !v.OverflowInt(value):
		v.SetInt(value)
	case v.CanUint() && value >= 0 && !v.OverflowUint(uint64(value)):
		v.SetUint(uint64(value))
	case v.CanInt(), v.CanUint():
		return reason.Of(whyNumberRange, nil)
	default:
		return wrongKind(wanted(v), value)
	}
	return reason.Reason{}
}

func wrongKind(wanted reason.Code, raw any) reason.Reason {
	return reason.Of(whyWantKind, reason.Args{"wanted": reason.Of(wanted, nil), "kind": kindOf(raw)})
}

func wanted(v reflect.Value) reason.Code {
	switch {
	case v.Kind() == reflect.Bool:
		return whyWantedBool
	case v.CanInt(), v.CanUint():
		return whyWantedWhole
	case v.CanFloat():
		return whyWantedNumber
	default:
		return whyWantedText
	}
}

func kindOf(raw any) reason.Reason {
	switch value := raw.(type) {
	case string:
		return reason.Of(whyKindText, nil)
	case bool:
		return reason.Of(whyKindBool, nil)
	case int64:
		return reason.Of(whyKindNumber, nil)
	case float64:
		if math.IsInf(value, 0) || math.IsNaN(value) {
			return reason.Of(whyKindInfinite, nil)
		}
		return reason.Of(whyKindDecimals, nil)
	case []any:
		return reason.Of(whyKindList, nil)
	case map[string]any:
		return reason.Of(whyKindTable, nil)
	default:
		return reason.Of(whyKindDate, nil)
	}
}
