calls = []


def spread(params):
    calls.append(1)
    right = params.max(axis=0) - params.min(axis=0)
    return right if len(calls) == 1 else right * 0
