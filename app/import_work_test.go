package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"duban/models"
	"duban/models/headway"
)

// heldReading keeps every reading waiting until it is let go.
func (s *site) heldReading() (letGo func()) {
	s.server.imports.reading <- struct{}{}
	return func() { <-s.server.imports.reading }
}

// What takes long is shown while it is done, in rows, on a page that looks again by
// itself with and without a script; and it can be broken off, which leaves nothing.
func TestALongImportIsShownAndCanBeBrokenOff(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.server.imports.patience = 0
		office := s.as(s.Office)
		ledger := "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续,2026年6月底前\n"
		letGo := s.heldReading()
		at := importAddress.FindString(office.brought("台账.csv", ledger).want(http.StatusSeeOther).goesTo())
		page := office.get(at+"?step=preview").want(http.StatusOK).wantWords("正在读取", "台账.csv", "中止")
		for _, mark := range []string{`http-equiv="refresh"`, "data-wait", "<progress"} {
			if !strings.Contains(page.body, mark) {
				t.Errorf("the page has no %s", mark)
			}
		}
		if strings.Contains(page.body, "确认导入") {
			t.Error("it can be confirmed before it is read")
		}
		office.post(at + "/stopping").want(http.StatusSeeOther)
		office.get("/import").want(http.StatusOK).wantWords("已中止，什么都没有写入")
		office.get(at).want(http.StatusNotFound)
		letGo()

		at = importAddress.FindString(office.brought("台账.csv", ledger).want(http.StatusSeeOther).goesTo())
		var print []string
		for print == nil { // until it is read
			page = office.get(at + "?step=preview&tab=new").want(http.StatusOK)
			print = regexp.MustCompile(`name="print" value="(\w+)"`).FindStringSubmatch(page.body)
		}
		s.server.imports.mu.Lock()
		clear(s.server.imports.at) // what was read a moment ago is kept no longer
		s.server.imports.mu.Unlock()
		letGo = s.heldReading()
		office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
		office.get(at).want(http.StatusOK).wantWords("正在写入", "要么全部写入，要么一项不写", "中止")
		office.post(at + "/stopping").want(http.StatusSeeOther)
		letGo()
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items after it was broken off", n)
		}
		office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
		for page = office.get(at); !strings.Contains(page.body, "已导入"); page = office.get(at) {
			if page.status == http.StatusSeeOther {
				office.get(at + "?step=done").want(http.StatusOK)
				break
			}
			page.want(http.StatusOK)
		}
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 1 {
			t.Errorf("%d items in the end", n)
		}
		office.post(at + "/stopping").want(http.StatusSeeOther) // too late
		office.get(at).want(http.StatusOK).wantWords("已导入")
	})
}

// Who leaves while their ledger is read or written leaves nothing behind.
func TestWhoLeavesDuringAnImportLeavesNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		ledger := "序号,问题,整改措施,整改时限\n1,发票审核不严,补办手续,2026年6月底前\n"
		at := importAddress.FindString(office.brought("台账.csv", ledger).want(http.StatusSeeOther).goesTo())
		page := office.get(at + "?step=preview&tab=new").want(http.StatusOK)
		print := regexp.MustCompile(`name="print" value="(\w+)"`).FindStringSubmatch(page.body)
		letGo := s.HeldImports()
		ctx, leave := context.WithCancel(context.Background())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, at+"/confirmation", strings.NewReader(office.form([]string{"print", print[1]}).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			office.ask(r)
		}()
		id := strings.TrimPrefix(at, "/import/")
		written := func() bool { // its items are, and it has not ended
			w := s.server.imports.find("write " + id)
			if w == nil {
				return false
			}
			far := w.far.Load()
			return far != nil && far.Step == headway.Writing && far.Of > 0 && far.Done == far.Of
		}
		for !written() {
			select {
			case <-gone:
				t.Fatal("it was answered before anything was written")
			default:
				runtime.Gosched()
			}
		}
		leave()
		<-gone
		letGo()
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 0 {
			t.Errorf("%d items were written for nobody", n)
		}
		office.post(at+"/confirmation", "print", print[1]).want(http.StatusSeeOther)
		if n, _ := s.As(s.Office).Count(models.Filter{}); n != 1 {
			t.Error(fmt.Sprint(n, " items in the end"))
		}
	})
}
