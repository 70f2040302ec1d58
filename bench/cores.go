package main

import "context"

// coresAttempts is how often two cores are asked for.
const coresAttempts = 5

// measureCores compares what two cores do with what one does. What SHA-256
// makes of a second core is what the machine has to give: while others keep it
// from having two, the comparison says nothing and is made again.
func measureCores(ctx context.Context, r *report) error {
	is, err := newIssuer("ES384")
	if err != nil {
		return err
	}
	defer is.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all, err := verifications(ctx, is)
	if err != nil {
		return err
	}

	onTwo := func(op operation) operation { return operation{op.run, 2} }
	operations := []operation{all[hot], onTwo(all[hot]), all[digest], onTwo(all[digest])}
	const target = "hot_two_cores_over_one"
	var ofHot, ofSHA256 float64
	for attempt := 0; attempt < coresAttempts && !targets[target].keeps(ofSHA256); attempt++ {
		progress("one core and two")
		times, err := compare(ctx, operations)
		if err != nil {
			return err
		}
		ofHot, ofSHA256 = 2*times[0]/times[1], 2*times[2]/times[3]
	}
	r.addFigure(target, ofHot)
	r.addFigure("sha256_two_cores_over_one", ofSHA256)
	return nil
}
