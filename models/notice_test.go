package models_test

import (
	"errors"
	"slices"
	"testing"

	"duban/models"
	"duban/models/modelstest"
)

// What a person wants no word of stands in their list as read and goes by no mail;
// others of the unit hear of it as before. A duty cannot be muted.
func TestAKindOfNoticesIsMuted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for _, duty := range []models.Act{models.FlagOverdue, models.RemindDue, models.ReturnItem, models.SignLetter, "nonsense"} {
			var refused models.Refused
			if err := r.As(r.Wu).MuteNotices([]models.Act{models.CloseItem, duty}); !errors.As(err, &refused) || refused.Key != "notices.duty" {
				t.Errorf("%s was muted: %v", duty, err)
			}
		}
		if muted, err := r.As(r.Wu).Muted(); err != nil || len(muted) != 0 {
			t.Errorf("a refusal muted %v %v", muted, err)
		}
		if err := r.As(r.Wu).MuteNotices([]models.Act{models.CloseItem, models.CloseItem}); err != nil {
			t.Fatal(err)
		}
		closed := func() {
			t.Helper()
			item := r.Submitted("2026-03-20")
			for _, u := range []models.User{r.Wu, r.Hai} { // of the signing
				rows, err := r.As(u).Notices(1)
				same(t, err, nil)
				same(t, r.As(u).ReadNotices(rows[0].ID), nil)
			}
			if _, err := r.As(r.Supervisor).Close(item, "属实"); err != nil {
				t.Fatal(err)
			}
		}
		closed()
		if n, err := r.As(r.Wu).Unread(); err != nil || n != 0 {
			t.Errorf("%d unread of what was muted, %v", n, err)
		}
		if rows, err := r.As(r.Wu).Notices(10); err != nil || len(rows) != 2 || rows[0].Act != models.CloseItem || rows[0].ReadAt == nil {
			t.Errorf("the list has %+v %v", rows, err)
		}
		if n, err := r.As(r.Hai).Unread(); err != nil || n != 1 {
			t.Errorf("another of the unit has %d unread, %v", n, err)
		}
		r.At("2026-03-03 08:30")
		if got := names(remind(t, r)); slices.Contains(got, "wu") || !slices.Contains(got, "hai") {
			t.Errorf("mail went to %v", got)
		}
		// Taken back, it is told again from then on.
		if err := r.As(r.Wu).MuteNotices(nil); err != nil {
			t.Fatal(err)
		}
		closed()
		if n, _ := r.As(r.Wu).Unread(); n != 1 {
			t.Errorf("%d unread", n)
		}
	})
}

// The digest can be read in the page alone; it is made and kept all the same, and the
// delivery list says why no mail went.
func TestADigestIsReadInThePage(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.As(r.Supervisor).MuteNotices([]models.Act{models.DigestMail}); err != nil {
			t.Fatal(err)
		}
		for _, u := range []models.User{r.Supervisor, r.Principal} {
			report := models.DigestReport{User: u, Edition: models.EditionOf(u), Week: "2026-W09", Day: "2026-03-02"}
			if kept, err := clerkOf(r).KeepDigest(report, models.Digest{Subject: "周报", Text: "正文", HTML: "<p>正文</p>"}, false); err != nil || !kept {
				t.Fatal(kept, err)
			}
		}
		if n := send(t, r); n != 1 {
			t.Errorf("%d mails left", n)
		}
		if d, err := r.As(r.Supervisor).Digest("2026-W09"); err != nil || d.HTML != "<p>正文</p>" {
			t.Errorf("%+v %v", d, err)
		}
		rows, err := r.As(r.Office).Deliveries("2026-W09")
		if err != nil || len(rows) != 2 || rows[0].State != models.MailDropped || rows[0].Error != models.DropInPage || rows[1].State != models.MailSent {
			t.Errorf("%+v %v", rows, err)
		}
	})
}

// Who was disabled or moved to another unit hears nothing more of what they had been
// told there.
func TestNoticesAreOfWhatIsStillSeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		r.Registered("2026-02-20")
		r.At("2026-03-02 00:05")
		if _, err := clerkOf(r).FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		if n, err := r.As(r.Wu).Unread(); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		moved := r.Wu
		moved.UnitID = &r.Other.ID
		moved, err := r.As(r.Admin).SaveUser(moved, "")
		if err != nil {
			t.Fatal(err)
		}
		gone := r.Leng
		gone.Disabled = true
		if _, err := r.As(r.Admin).SaveUser(gone, ""); err != nil {
			t.Fatal(err)
		}
		if n, err := r.As(moved).Unread(); err != nil || n != 0 {
			t.Errorf("%d unread of another unit, %v", n, err)
		}
		if rows, err := r.As(moved).Notices(10); err != nil || len(rows) != 0 {
			t.Errorf("%+v %v", rows, err)
		}
		r.At("2026-03-02 08:30")
		if got := names(remind(t, r)); !slices.Equal(got, []string{"hai"}) {
			t.Errorf("mail went to %v", got)
		}
	})
}

// In the evening, at night and on days off no reminder leaves.
func TestRemindersKeepTheQuietHours(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		for moment, quiet := range map[string]bool{
			"2026-03-06 07:59": true, "2026-03-06 08:00": false, "2026-03-06 19:59": false, "2026-03-06 20:00": true,
			"2026-03-07 10:00": true,  // Saturday
			"2026-02-28 10:00": false, // a Saturday that is worked, after the Spring Festival
			"2026-04-06 10:00": true,  // the Monday of Qingming
		} {
			r.At(moment)
			if r.As(r.Wu).Quiet() != quiet {
				t.Errorf("%s: quiet is %v", moment, !quiet)
			}
		}
		r.At("2026-03-06 08:30")
		r.Registered("2026-03-05")
		if _, err := clerkOf(r).FlagOverdue(); err != nil {
			t.Fatal(err)
		}
		if len(write(t, r)) == 0 {
			t.Fatal("there was nothing to say")
		}
		r.At("2026-03-06 20:00")
		if n := send(t, r); n != 0 {
			t.Errorf("%d mails left in the evening", n)
		}
		r.At("2026-03-09 08:30")
		if got := remind(t, r); len(got) != 3 {
			t.Errorf("told on Monday: %v", names(got))
		}
	})
}
