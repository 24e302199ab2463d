def spread(params):
    answer = []
    answer.append(answer)
    return answer
