package smpp

// The kinds of a destination of submit_multi (3.4, 5.2.25).
const (
	destAddress = 1
	destList    = 2
)

// Dest is one destination of submit_multi: an address, or the name of a list at the SMSC.
type Dest struct {
	Address Address
	List    string // not empty: the list, and no address
}

// FailedDest is a destination that the SMSC did not take.
type FailedDest struct {
	Address Address
	Status  Status
}

// SubmitMulti is one message to several handsets (3.4, 4.5). Dest of SM is unused.
type SubmitMulti struct {
	SM
	Dests []Dest
}

// Command is submit_multi.
func (*SubmitMulti) Command() Command { return CommandSubmitMulti }

func (b *SubmitMulti) fields(w *walk) {
	w.text("service_type", &b.ServiceType, maxServiceType, RINVSERTYP)
	w.address("source_addr", &b.Source, maxAddress, RINVSRCADR)
	if w.writing && (len(b.Dests) == 0 || len(b.Dests) > maxDests) {
		w.fail("number_of_dests", "1 to 254", RINVNUMDESTS)
	}
	count := byte(len(b.Dests))
	w.octet("number_of_dests", &count)
	for i := range int(count) {
		if w.field != "" {
			return
		}
		if !w.writing {
			b.Dests = append(b.Dests, Dest{})
		}
		b.Dests[i].fields(w)
	}
	b.rest(w)
}

func (d *Dest) fields(w *walk) {
	flag := byte(destAddress)
	if d.List != "" {
		flag = destList
	}
	w.octet("dest_flag", &flag)
	switch flag {
	case destAddress:
		w.address("destination_addr", &d.Address, maxAddress, RINVDSTADR)
	case destList:
		w.text("dl_name", &d.List, maxAddress, RINVDLNAME)
		if !w.writing && d.List == "" {
			w.fail("dl_name", "a name", RINVDLNAME)
		}
	default:
		w.fail("dest_flag", "1 or 2", RINVDESTFLAG)
	}
}

// SubmitMultiResp answers it.
type SubmitMultiResp struct {
	MessageID string
	Failed    []FailedDest
	TLVs      TLVs
}

// Command is submit_multi_resp.
func (*SubmitMultiResp) Command() Command { return CommandSubmitMulti.Response() }

func (b *SubmitMultiResp) fields(w *walk) {
	w.text("message_id", &b.MessageID, maxMessageID, RINVMSGID)
	if w.writing && len(b.Failed) > maxDests {
		w.fail("no_unsuccess", "at most 254", RINVNUMDESTS)
	}
	count := byte(len(b.Failed))
	w.octet("no_unsuccess", &count)
	for i := range int(count) {
		if w.field != "" {
			return
		}
		if !w.writing {
			b.Failed = append(b.Failed, FailedDest{})
		}
		w.address("destination_addr", &b.Failed[i].Address, maxAddress, RINVDSTADR)
		w.status("error_status_code", &b.Failed[i].Status)
	}
	w.tlvs(&b.TLVs)
}
