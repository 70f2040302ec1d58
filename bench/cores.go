package main

import "context"

// measureCores compares what two cores do with what one does.
func measureCores(ctx context.Context, r *report) error {
	progress("one core and two")
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
	times, err := compare(ctx, []operation{all[hot], onTwo(all[hot]), all[digest], onTwo(all[digest])})
	if err != nil {
		return err
	}
	r.addFigure("hot_two_cores_over_one", 2*times[0]/times[1])
	// Where this is not near 2, the machine has no two cores to give.
	r.addFigure("sha256_two_cores_over_one", 2*times[2]/times[3])
	return nil
}
