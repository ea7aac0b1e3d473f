@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # Pester runs BeforeAll and It in one scope; the rule looks at each script block alone.
        'PSUseDeclaredVarsMoreThanAssignments'
        # For the same reason: a parameter of a script that is used in its functions and script blocks counts as unused.
        'PSReviewUnusedParameter'
        # Functions such as New-TestDatabase are helpers of tests; nobody calls them with -WhatIf.
        'PSUseShouldProcessForStateChangingFunctions'
        # PowerShell 7 reads UTF-8 without a byte order mark, and .editorconfig asks for none.
        'PSUseBOMForUnicodeEncodedFile'
    )
}
