package models

import (
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Signature is somebody's 审签 under what is to be handed in: the handler's, then the
// leader's, then the head's with the pledge of truth, as far as the rules ask for
// them. It is bound by its hash to exactly what was signed, and void as soon as that
// changes; a void one stays to be seen.
type Signature struct {
	ID        int64
	ItemID    int64
	Role      Role
	ByID      int64
	At        time.Time
	Pledge    bool
	SHA256    string `gorm:"column:sha256"`
	VoidedAt  *time.Time
	VoidedAct Act // what changed, or that it was sent back
}

// Stands says whether nothing has changed since.
func (s Signature) Stands() bool { return s.VoidedAt == nil }

// Signing is a signature that a submission needs, with who may give it and, when it
// stands, who has.
type Signing struct {
	Role      Role
	By        []User
	Signature *Signature
}

// Signings are the signatures that the rules ask for of this item, in their order. A
// role that nobody in the unit has is left out, for the next above answers; the head
// never is.
func (b *Board) Signings(item Item) ([]Signing, error) {
	people, err := b.Assignable(item)
	if err != nil {
		return nil, err
	}
	standing := map[Role]Signature{}
	var given []Signature
	if err := b.about(item).Where("voided_at IS NULL").Order("id").Find(&given).Error; err != nil {
		return nil, err
	}
	for _, s := range given {
		standing[s.Role] = s
	}
	named := map[Role]*int64{Handler: item.HandlerID, Leader: item.LeaderID}
	var all []Signing
	for _, role := range b.rules.Of(item.Tier).Signs {
		s := Signing{Role: role, By: slices.DeleteFunc(slices.Clone(people), func(u User) bool { return u.Role != role })}
		if id := named[role]; id != nil {
			switch n := slices.IndexFunc(people, func(u User) bool { return u.ID == *id }); {
			case n < 0: // gone: any other of that role
			case people[n].Role == role:
				s.By = []User{people[n]}
			default: // the head leads it himself, or the leader handles it: theirs is asked for anyway
				s.By = nil
			}
		}
		if given, ok := standing[role]; ok {
			s.Signature = &given
		}
		if len(s.By) > 0 || s.Signature != nil || role == Head {
			all = append(all, s)
		}
	}
	return all, nil
}

// SignaturesOf are all signatures ever given under an item, the newest first.
func (b *Board) SignaturesOf(item Item) ([]Signature, error) {
	var all []Signature
	err := b.about(item).Order("id DESC").Find(&all).Error
	return all, err
}

// mySignature says whether it is this person's turn to sign: all but the signatures is
// there, those before have signed, and it is theirs to give.
func (b *Board) mySignature(item Item) error {
	contents, err := b.contents(item)
	if err != nil {
		return err
	}
	signings, err := b.Signings(item)
	if err != nil {
		return err
	}
	if n := missingGaps(gate(item, contents, signings), func(g Gap) bool { return g.Role == "" }); n > 0 {
		return Refused{Key: "signature.gate", Args: []any{n}}
	}
	for _, s := range signings {
		mine := slices.ContainsFunc(s.By, func(u User) bool { return u.ID == b.me.ID })
		switch {
		case s.Signature != nil && s.Role == b.me.Role && mine:
			return Refused{Key: "signature.given"}
		case s.Signature != nil:
		case mine && s.Role == b.me.Role:
			return nil
		default:
			return Refused{Key: "signature.turn." + string(s.Role)}
		}
	}
	return Refused{Key: "signature.given"}
}

// signingWaits says whether an item still waits for this person to sign it or, signed by
// all, to hand it in.
func (b *Board) signingWaits(itemID int64) (bool, error) {
	var items []Item
	err := b.items().Where("items.id = ?", itemID).Find(&items).Error
	return len(items) == 1 && b.signed(items[0]) == nil && (b.May(SignItem, items[0]) || b.May(SubmitItem, items[0])), err
}

// signed says whether anything is signed that could be sent back.
func (b *Board) signed(item Item) error {
	if item.Signed == 0 {
		return Refused{Key: "signature.none"}
	}
	return nil
}

// Pledge is what the head says with a signature: that all of it is true. It is said
// with the password, so that an open screen cannot say it.
type Pledge struct {
	Agreed   bool
	Password string
}

// Sign puts this person's signature under what is to be handed in. The head's needs
// the pledge and the password: a wrong one is a Problem of its field, and counts as a
// wrong try to sign in. Refused when something else is missing, when it is another's
// turn, or when it was given already.
func (b *Board) Sign(item Item, pledge Pledge) (Item, error) {
	if b.me.Role == Head {
		if err := b.check(SignItem, item); err != nil {
			return Item{}, err // not a try at a password
		}
		var p Problems
		if !pledge.Agreed {
			p.Add("pledge", "signature.pledge")
		}
		if p == nil {
			if err := b.passwordAgain(&p, "password", pledge.Password); err != nil {
				return Item{}, err
			}
		}
		if p != nil {
			return Item{}, p
		}
	}
	return b.sign(item)
}

// sign is Sign after the password.
func (b *Board) sign(item Item) (Item, error) {
	return b.act(SignItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		contents, err := b.in(tx).contents(*item)
		if err != nil {
			return nil, err
		}
		hash, err := contents.hash()
		if err != nil {
			return nil, err
		}
		item.Signed++
		s := Signature{ItemID: item.ID, Role: b.me.Role, ByID: b.me.ID, At: b.now, Pledge: b.me.Role == Head, SHA256: hash}
		if err := tx.Create(&s).Error; err != nil {
			return nil, err
		}
		particulars := Particulars{"role": string(s.Role), "sha256": hash}
		if s.Pledge {
			particulars["pledge"] = "true"
		}
		return particulars, nil
	})
}

// Unsign sends what was signed back to those who prepare it, with words: every
// signature that stands is void.
func (b *Board) Unsign(item Item, words string) (Item, error) {
	words = strings.TrimSpace(words)
	return b.act(UnsignItem, item, func(tx *gorm.DB, item *Item) (Particulars, error) {
		if err := wordsProblem(words); err != nil {
			return nil, err
		}
		particulars := Particulars{"words": words}
		return particulars, b.in(tx).voidSignatures(item, UnsignItem, particulars)
	})
}

// voidSignatures marks every signature that stands as void by that act, and the
// event says of how many.
func (b *Board) voidSignatures(item *Item, by Act, particulars Particulars) error {
	if item.Signed == 0 {
		return nil
	}
	item.Signed = 0
	voided := b.db.Model(&Signature{}).Where("item_id = ? AND voided_at IS NULL", item.ID).
		Updates(map[string]any{"voided_at": b.now, "voided_act": by})
	if voided.RowsAffected > 0 {
		particulars["voided"] = itoa(int(voided.RowsAffected))
	}
	return voided.Error
}
