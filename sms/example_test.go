package sms_test

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"relais/sms"
)

func ExampleStatus_CanBecome() {
	fmt.Println(sms.Submitted.CanBecome(sms.Delivered))
	fmt.Println(sms.Delivered.CanBecome(sms.Submitted)) // a late receipt changes nothing
	fmt.Println(sms.Uncertain.CanBecome(sms.Queued))    // proved not taken: it may be sent again
	// Output:
	// true
	// false
	// true
}

func ExampleNumber() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	log.Info("message accepted", "to", sms.Number("+33639980123"))
	// Output: level=INFO msg="message accepted" to=+33*********
}

func ExampleID_Ref() {
	id := sms.NewID(time.Now())
	back, err := sms.ParseRef(id.Ref())
	fmt.Println(len(id.Ref()), back == id, err)
	// Output: 20 true <nil>
}
