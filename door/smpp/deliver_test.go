package smpp_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"relais/inbox"
	"relais/smpp"
	"relais/sms"
	"relais/webhook"
)

// ended is the event of a message's end, with what the door keeps of its request.
func ended(t *testing.T, kind webhook.Type, metadata map[string]string) *webhook.Event {
	t.Helper()
	id := sms.BucketOf(account).NewID(time.Now())
	data, err := json.Marshal(webhook.MessageData{ID: id, To: "+33639980001", At: time.Now(), Metadata: metadata, OperatorCode: "9"})
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Account: account, Type: kind, Subject: id, At: time.Now(), Data: data}
}

// asked is what is kept of a message whose client asked for receipts.
func asked(registered string) map[string]string {
	return map[string]string{
		"smpp-system-id": "town", "smpp-source": "5.0.Mairie", "smpp-destination": "1.1.33639980001",
		"smpp-registered-delivery": registered, "smpp-user-message-reference": "77",
	}
}

// Receipts go to the system id whose message it was, and to a bind of it that receives (node-smpp#130,
// node-smpp#175); while none is there they wait.
func TestPitfall24ReceiptsGoToTheirClient(t *testing.T) {
	t.Parallel()
	h := open(t)
	other := h.bound(t, "other")
	transmitter := h.connect(t)
	if err := transmitter.bindAs(t, smpp.CommandBindTransmitter, "town", password, 0x34); err != nil {
		t.Fatal(err)
	}
	if h.door.Ready(endpoint("town")) {
		t.Error("a client is ready whose only bind sends")
	}
	receiver := h.connect(t)
	if err := receiver.bindAs(t, smpp.CommandBindReceiver, "town", password, 0x34); err != nil {
		t.Fatal(err)
	}
	event := ended(t, webhook.MessageDelivered, asked("1"))
	if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err != nil || came.Nothing {
		t.Fatalf("%+v", came)
	}
	if len(receiver.got) != 1 || len(other.got)+len(transmitter.got) > 0 {
		t.Fatalf("the receiver has %d, the others %d and %d", len(receiver.got), len(other.got), len(transmitter.got))
	}
	told := receiver.got[0]
	receipt, ok := told.Receipt()
	if !ok || receipt.ID != event.Subject.Ref() || receipt.Stat != "DELIVRD" || receipt.Err != "009" || told.ESMClass != smpp.ESMReceipt {
		t.Errorf("receipt %+v, esm_class %x", receipt, told.ESMClass)
	}
	if reference, _ := told.TLVs.Number(smpp.TagUserMessageReference); reference != 77 {
		t.Errorf("user_message_reference %d", reference)
	}
}

// registered_delivery says which ends are told (3.4, 5.2.17); a message whose client asked for
// nothing has no receipt, nor has one that was refused (ksmppd#111).
func TestPitfall22ReceiptsThatWereAskedFor(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	for _, tc := range []struct {
		registered string
		kind       webhook.Type
		told       bool
	}{
		{"0", webhook.MessageDelivered, false},
		{"", webhook.MessageDelivered, false},
		{"1", webhook.MessageDelivered, true},
		{"1", webhook.MessageExpired, true},
		{"1", webhook.MessageSubmitted, false},
		{"2", webhook.MessageDelivered, false},
		{"2", webhook.MessageRejected, true},
		{"3", webhook.MessageDelivered, true},
		{"3", webhook.MessageUndelivered, false},
		{"17", webhook.MessageSubmitted, true},
		{"1", webhook.MessageUncertain, false},
	} {
		before := len(e.got)
		came := h.door.Carry(t.Context(), endpoint("town"), ended(t, tc.kind, asked(tc.registered)), nil)
		if told := len(e.got) > before; came.Err != nil || came.Nothing == tc.told || told != tc.told {
			t.Errorf("registered_delivery %q, %s: told %v, %+v", tc.registered, tc.kind, told, came)
		}
	}
}

// What a client answers says whether a receipt comes again (smscgateway#182).
func TestPitfall26AnswersToReceipts(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	for _, tc := range []struct {
		status       smpp.Status
		taken, final bool
	}{
		{smpp.OK, true, false},
		{smpp.RXTAPPN, false, false},
		{smpp.RTHROTTLED, false, false},
		{smpp.RMSGQFUL, false, false},
		{smpp.RSYSERR, false, false},
		{smpp.RXPAPPN, false, false},
		{smpp.RXRAPPN, false, true},
		{smpp.RINVMSGID, false, true},
	} {
		e.status = tc.status
		came := h.door.Carry(t.Context(), endpoint("town"), ended(t, webhook.MessageDelivered, asked("1")), nil)
		if (came.Err == nil) != tc.taken || came.Final != tc.final {
			t.Errorf("%s: %+v", tc.status, came)
		}
	}
}

// A reply is a deliver_sm in the client's alphabet; one that is long is a message_payload, for clients
// read both (vumi#330).
func TestPitfall55Replies(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.bound(t, "town")
	long := ""
	for len(long) < 300 {
		long += "Réunion "
	}
	for _, words := range []string{"Oui", "œuvre", long} {
		data, err := json.Marshal(inbox.InboundData{ID: sms.BucketOf(account).NewID(time.Now()), From: "+33639980001", To: "38123", Text: words, Intent: inbox.IntentReply})
		if err != nil {
			t.Fatal(err)
		}
		event := &webhook.Event{Account: account, Type: webhook.InboundReceived, Subject: sms.BucketOf(account).NewID(time.Now()), Data: data}
		if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err != nil {
			t.Fatal(came.Err)
		}
		told := e.got[len(e.got)-1]
		charset, _ := smpp.CharsetOf(told.DataCoding, smpp.GSM7)
		read, err := charset.Decode(told.Octets(), 0)
		if err != nil || read != words || told.ESMClass != 0 || told.Source.Addr != "33639980001" || told.Dest.Addr != "38123" {
			t.Errorf("%q, %v, %+v", read, err, told)
		}
	}
}

// A version before 3.4 has no message_payload: a long reply comes in parts, no character of which is cut.
func TestRepliesForOldClients(t *testing.T) {
	t.Parallel()
	h := open(t)
	e := h.connect(t)
	if err := e.bindAs(t, smpp.CommandBindTransceiver, "town", password, 0x33); err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string]string{"GSM": strings.Repeat("Où [est] la mairie ? ", 20), "UCS-2": strings.Repeat("été 🎉 œuvre ", 20)} {
		e.got = nil
		data, err := json.Marshal(inbox.InboundData{ID: sms.BucketOf(account).NewID(time.Now()), From: "+33639980001", To: "38123", Text: words})
		if err != nil {
			t.Fatal(err)
		}
		event := &webhook.Event{Account: account, Type: webhook.InboundReceived, Subject: sms.BucketOf(account).NewID(time.Now()), Data: data}
		if came := h.door.Carry(t.Context(), endpoint("town"), event, nil); came.Err != nil {
			t.Fatal(came.Err)
		}
		read := ""
		for i := range e.got {
			content := e.got[i].Content()
			charset, _ := smpp.CharsetOf(e.got[i].DataCoding, smpp.GSM7)
			piece, err := charset.Decode(content.Text, content.HeaderLength)
			if err != nil || !content.Part || int(content.Concat.Seq) != i+1 || int(content.Concat.Total) != len(e.got) || len(e.got[i].TLVs) > 0 {
				t.Errorf("%s: part %d is %+v, %v", name, i+1, e.got[i], err)
			}
			read += piece
		}
		if read != words || len(e.got) < 3 {
			t.Errorf("%s: %d parts, %q", name, len(e.got), read)
		}
	}
}
