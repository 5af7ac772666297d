package models

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// How many items a robot's message lists: a group is told how many there are, and
// the rest is one link away.
const webhookRows = 10

// robotRest is how long a robot that has taken a message is left in peace.
const robotRest = 4 * time.Second

// WebhookMaker is whose robots a webhook speaks to.
type WebhookMaker string

// The makers of robots.
const (
	WeCom    WebhookMaker = "wecom"    // 企业微信
	DingTalk WebhookMaker = "dingtalk" // 钉钉
	Feishu   WebhookMaker = "feishu"   // 飞书
)

// WebhookMakers are all of them, in the order forms offer them.
func WebhookMakers() []WebhookMaker { return []WebhookMaker{WeCom, DingTalk, Feishu} }

// Hosts are where a maker's robots live.
func (m WebhookMaker) Hosts() []string {
	switch m {
	case WeCom:
		return []string{"qyapi.weixin.qq.com"}
	case DingTalk:
		return []string{"oapi.dingtalk.com"}
	case Feishu:
		return []string{"open.feishu.cn", "open.larksuite.com"}
	}
	return nil
}

// Webhook is the robot of a chat group. Address and Secret let anyone speak there, so
// they are kept and never shown again. UnitID is of whose items it speaks; nil of
// all. HeardEvent is up to which line of the trail it has been told.
type Webhook struct {
	ID         int64
	Name       string
	Maker      WebhookMaker
	Address    string
	Secret     string
	UnitID     *int64
	Language   string
	Stopped    bool
	HeardEvent int64
	ByID       int64
	CreatedAt  time.Time
}

// Host is where the webhook leads, without the part that is secret.
func (w Webhook) Host() string {
	u, err := url.Parse(w.Address)
	if err != nil {
		return ""
	}
	return u.Host
}

// WebhookHosts is where webhooks may lead: the makers' own hosts over https, and the
// hosts an operator names besides, such as a relay inside the network. Nothing else
// is ever asked for, whatever somebody writes into a form.
type WebhookHosts struct {
	Also  []string // host or host:port
	Plain bool     // http is let through, to the hosts named in Also alone
}

// Allow says whether a message may be sent to this address.
func (h WebhookHosts) Allow(maker WebhookMaker, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" || u.Host == "" {
		return false
	}
	named := slices.ContainsFunc(h.Also, func(also string) bool { return strings.EqualFold(also, u.Host) })
	switch u.Scheme {
	case "https":
		return named || slices.Contains(maker.Hosts(), strings.ToLower(u.Host))
	case "http":
		return h.Plain && named
	}
	return false
}

// Named says whether an operator has named the host of this address: it may then be
// one inside the network.
func (h WebhookHosts) Named(host string) bool {
	return slices.ContainsFunc(h.Also, func(also string) bool { return strings.EqualFold(also, host) })
}

// Webhooks are all of them, for who keeps them.
func (b *Board) Webhooks() ([]Webhook, error) {
	if !b.MayGovern(GovernWebhooks) {
		return nil, ErrForbidden
	}
	var all []Webhook
	err := b.db.Order("id").Find(&all).Error
	return all, err
}

// Webhook is one of them.
func (b *Board) Webhook(id int64) (w Webhook, err error) {
	if !b.MayGovern(GovernWebhooks) {
		return w, ErrForbidden
	}
	return w, orNotFound(b.db.Take(&w, id).Error)
}

// SaveWebhook makes a robot known, or changes it. An address or a secret left empty
// stays as it was; hosts is where it may lead.
func (b *Board) SaveWebhook(w Webhook, hosts WebhookHosts) (Webhook, error) {
	w.Name, w.Address, w.Secret = strings.TrimSpace(w.Name), strings.TrimSpace(w.Address), strings.TrimSpace(w.Secret)
	err := b.govern(GovernWebhooks, func(tx *gorm.DB) (Particulars, error) {
		var was Webhook
		if w.ID != 0 {
			if err := orNotFound(tx.Take(&was, w.ID).Error); err != nil {
				return nil, err
			}
			if w.Address == "" {
				w.Address = was.Address
			}
			if w.Secret == "" {
				w.Secret = was.Secret
			}
		}
		var p Problems
		nameProblem(&p, "name", w.Name)
		if !slices.Contains(WebhookMakers(), w.Maker) {
			p.Add("maker", "required")
		}
		switch {
		case w.Address == "":
			p.Add("address", "required")
		case len(w.Address) > 500 || !hosts.Allow(w.Maker, w.Address):
			p.Add("address", "webhook.address.form")
		}
		if err := b.in(tx).unitProblem(&p, "unit", w.UnitID); err != nil {
			return nil, err
		}
		if p != nil {
			return nil, p
		}
		if err := alreadyTaken(tx, &Webhook{}, w.ID, map[string]string{"name": w.Name}); err != nil {
			return nil, err
		}
		said := Particulars{"webhook": w.Name, "maker": string(w.Maker), "host": w.Host()}
		if w.Stopped {
			said["stopped"] = "true"
		}
		if w.ID == 0 {
			w.ByID, w.CreatedAt = b.me.ID, b.now
			// It begins with today: what became late before is in its list anyway.
			if err := tx.Model(&Event{}).Select("COALESCE(MAX(id), 0)").Scan(&w.HeardEvent).Error; err != nil {
				return nil, err
			}
			return said, tx.Create(&w).Error
		}
		columns := []string{"name", "maker", "address", "secret", "unit_id", "language", "stopped"}
		return said, oneRow(tx.Model(&Webhook{}).Where("id = ?", w.ID).Select(columns).Updates(&w))
	})
	return w, err
}

// WebhookReport is what a group is told in one message: how many items are late and
// near, and the first of each.
type WebhookReport struct {
	Webhook  Webhook
	Unit     Unit // of whose items, the zero Unit for all
	Today    Day
	Rules    Rules
	Calendar Calendar
	Overdue  []Card
	OverdueN int
	Soon     []Card
	SoonN    int
	Units    map[int64]Unit
	Test     bool // it says nothing but that it arrives

	upTo int64
}

// spokenOf are the acts that give a group something to hear.
var spokenOf = []Act{FlagOverdue, RemindDue}

// WebhookReports are what the groups are to be told today: nothing on a day that is
// not worked, nothing twice a day, and nothing when the clock spoke of no item since
// the last time. What never left the house is in the next.
func (b *Board) WebhookReports() ([]WebhookReport, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	if !b.calendar.IsWorkday(b.Today()) {
		return nil, nil
	}
	var hooks []Webhook
	told := b.db.Model(&Mail{}).Select("webhook_id").Where("webhook_id IS NOT NULL AND kind = ? AND day = ?", MailWebhook, b.Today())
	err := b.db.Where("stopped = ? AND id NOT IN (?)", false, told).Order("id").Find(&hooks).Error
	if err != nil || len(hooks) == 0 {
		return nil, err
	}
	units, err := b.UnitsByID()
	if err != nil {
		return nil, err
	}
	var upTo int64
	if err := b.db.Model(&Event{}).Select("COALESCE(MAX(id), 0)").Scan(&upTo).Error; err != nil {
		return nil, err
	}
	var all []WebhookReport
	for _, w := range hooks {
		r := WebhookReport{Webhook: w, Today: b.Today(), Rules: b.rules, Calendar: b.calendar, Units: units, upTo: upTo}
		news := b.db.Model(&Event{}).Where("id > ? AND act IN ? AND item_id IN (?)", w.HeardEvent, spokenOf, b.ofWebhook(w))
		var n, late int64
		if err := news.Limit(1).Count(&n).Error; err != nil {
			return nil, err
		}
		if err := b.db.Model(&Mail{}).Where("webhook_id = ? AND kind = ? AND state = ? AND day < ?", w.ID, MailWebhook, MailWaiting, b.Today()).Count(&late).Error; err != nil {
			return nil, err
		}
		if n == 0 && late == 0 {
			continue
		}
		var of Filter
		if w.UnitID != nil {
			r.Unit = units[*w.UnitID]
			of.Units = []string{r.Unit.Code}
		}
		for _, list := range []struct {
			light Light
			cards *[]Card
			n     *int
		}{{LightOver, &r.Overdue, &r.OverdueN}, {LightSoon, &r.Soon, &r.SoonN}} {
			f := of
			f.Lights, f.Size = []Light{list.light}, webhookRows
			if *list.cards, err = b.List(f); err != nil {
				return nil, err
			}
			many, err := b.Count(f)
			if err != nil {
				return nil, err
			}
			*list.n = int(many)
		}
		if r.OverdueN+r.SoonN > 0 {
			all = append(all, r)
		}
	}
	return all, nil
}

// ofWebhook are the items a webhook speaks of.
func (b *Board) ofWebhook(w Webhook) *gorm.DB {
	items := b.items().Select("items.id")
	if w.UnitID != nil {
		items = items.Where("items.unit_id = ?", *w.UnitID)
	}
	return items
}

// PostWebhook puts a group's message of the day into the outbox and notes how far the
// group has heard, both or neither; one of an earlier day that never left is not sent
// beside it. False says that the group has today's already.
func (b *Board) PostWebhook(r WebhookReport, title, words string) (posted bool, err error) {
	if b.me.Role != clerk {
		return false, ErrForbidden
	}
	err = b.db.Transaction(func(tx *gorm.DB) error {
		m := r.Webhook.mail("webhook:"+string(b.Today())+":"+strconv.FormatInt(r.Webhook.ID, 10), b.Today(), title, words)
		n, err := b.in(tx).post(m)
		if err != nil || n == 0 {
			return err
		}
		posted = true
		err = tx.Model(&Mail{}).Where("webhook_id = ? AND kind = ? AND state = ? AND day < ?", r.Webhook.ID, MailWebhook, MailWaiting, b.Today()).
			Updates(map[string]any{"state": MailDropped, "error": DropReplaced}).Error
		if err != nil {
			return err
		}
		return tx.Model(&Webhook{}).Where("id = ?", r.Webhook.ID).Update("heard_event", r.upTo).Error
	}, shortTurn)
	return posted && err == nil, err
}

func (w Webhook) mail(key string, day Day, title, words string) Mail {
	return Mail{Key: key, Kind: MailWebhook, UserID: w.ByID, Role: Office, WebhookID: &w.ID, Day: day, Subject: title, Text: words}
}

// TryWebhook puts a message into the outbox that says nothing but that it arrives.
func (b *Board) TryWebhook(id int64, title, words string) error {
	return b.govern(GovernWebhooks, func(tx *gorm.DB) (Particulars, error) {
		var w Webhook
		if err := orNotFound(tx.Take(&w, id).Error); err != nil {
			return nil, err
		}
		if w.Stopped {
			return nil, Refused{Key: "webhook.stopped"}
		}
		nth, err := b.in(tx).count("webhook_try", 1)
		if err != nil {
			return nil, err
		}
		m := w.mail("webhook:try:"+strconv.FormatInt(nth, 10), b.Today(), title, words)
		m.Kind = MailWebhookTry
		_, err = b.in(tx).post(m)
		return Particulars{"webhook": w.Name, "try": "true"}, err
	})
}

// ClaimWebhooks takes messages that are due into this owner's hands, as ClaimMails
// does: one of each robot at most, and none of a robot that has just taken one. Robots
// take twenty a minute and then turn everybody away for ten minutes; one every few
// seconds never comes near, however many programs there are. While it is quiet
// only what a person tries out leaves, and nothing of a day that has passed.
func (b *Board) ClaimWebhooks(owner string) ([]Mail, error) {
	kinds := webhookKinds
	if b.Quiet() {
		kinds = []string{MailWebhookTry}
	}
	just := b.db.Model(&Mail{}).Select("webhook_id").Where("webhook_id IS NOT NULL AND sent_at > ?", b.now.Add(-robotRest))
	first := b.db.Model(&Mail{}).Select("MIN(id)").Where("kind IN ? AND state IN ('waiting', 'sending') AND next_at <= ? AND day >= ?", kinds, b.now, b.Today()).
		Where("webhook_id NOT IN (?)", just).Group("webhook_id")
	return b.claim(owner, 50, "id IN (?)", first)
}

var webhookKinds = []string{MailWebhook, MailWebhookTry}

// WebhookOf are the webhooks that claimed messages go to, as they are now.
func (b *Board) WebhookOf(mails []Mail) (map[int64]Webhook, error) {
	if b.me.Role != clerk {
		return nil, ErrForbidden
	}
	var ids []int64
	for _, m := range mails {
		if m.WebhookID != nil {
			ids = append(ids, *m.WebhookID)
		}
	}
	var hooks []Webhook
	err := b.db.Where("id IN ?", ids).Find(&hooks).Error
	of := map[int64]Webhook{}
	for _, w := range hooks {
		of[w.ID] = w
	}
	return of, err
}

// WebhookLog are the newest messages to robots, at most limit, with what became of
// each.
func (b *Board) WebhookLog(limit int) ([]MailRow, error) {
	if !b.MayGovern(GovernWebhooks) {
		return nil, ErrForbidden
	}
	var rows []MailRow
	err := b.mailRows().Where("mails.kind IN ?", webhookKinds).Order("mails.id DESC").Limit(limit).Scan(&rows).Error
	return rows, err
}
