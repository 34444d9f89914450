param unused string = ''
